/** Versions of Keras and TensorFlow as files and pins write them: `1.2.2`, `2.2.4-tf`, `3.0.0.dev202311`, `2.16.0rc1`. */

export interface Version {
  readonly numbers: readonly number[];
  /** What follows the numbers, lower-case: `tf`, `rc1`, `dev202311`, or empty. */
  readonly suffix: string;
}

/** Versions already read: the same few are compared for every layer. Kept small against files full of versions. */
const read = new Map<string, Version | null>();
const mostKept = 1000;

/** Reads a version; null where the text begins with no number. */
export function parseVersion(text: string): Version | null {
  const known = read.get(text);
  if (known !== undefined) return known;
  if (read.size >= mostKept) read.clear();
  const version = readVersion(text);
  read.set(text, version);
  return version;
}

function readVersion(text: string): Version | null {
  const match = /^\s*v?(\d+(?:\.\d+)*)[.\-_+]?([A-Za-z][\w.+-]*)?/.exec(text);
  if (!match) return null;
  return { numbers: match[1]!.split('.').map(Number), suffix: (match[2] ?? '').toLowerCase() };
}

/** True for a, b, rc and dev releases, which come before the release of the same numbers. */
function isBefore(suffix: string): boolean {
  return /^(a|b|rc|dev|alpha|beta)\d*/.test(suffix);
}

/** Below 0 where `a` is older than `b`, above 0 where newer. Missing numbers count as 0; `-tf` counts as nothing. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (!left || !right) return left ? 1 : right ? -1 : 0;
  const length = Math.max(left.numbers.length, right.numbers.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (left.numbers[at] ?? 0) - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(isBefore(right.suffix)) - Number(isBefore(left.suffix));
}

/** True where `version` is `from` or newer, and older than `before` when that is given. */
export function inVersions(version: string, from: string, before?: string): boolean {
  return compareVersions(version, from) >= 0 && (before === undefined || compareVersions(version, before) < 0);
}

/** The numbers without suffix: `2.2.4-tf` → `2.2.4`. */
export function plainVersion(text: string): string {
  const version = parseVersion(text);
  return version ? version.numbers.join('.') : text;
}
