/**
 * h5py as loaders use it: opening, attributes, objects, and the exceptions of each. The texts are libhdf5's; from
 * HDF5 1.14 on (h5py 3.9) they say "synchronously".
 */

import type {
  RawAttribute,
  RawDamaged,
  RawDataset,
  RawGroup,
  RawHdf5,
  RawLink,
  RawNode,
  RawProblem,
} from '../artefacts/raw/index.ts';
import { inVersions } from '../eras/versions.ts';
import { hdf5Reason } from './hdf5-reasons.ts';
import { folderOfCheckpoint, missingPath } from './missing-path.ts';
import { decodeStrict, decodeSurrogates } from './python/decode.ts';
import { evidence, raise } from './python/exception.ts';
import type { Run } from './run.ts';

function isNew(run: Run): boolean {
  return inVersions(run.environment.h5py, '3.9');
}

function isH5py3(run: Run): boolean {
  return inVersions(run.environment.h5py, '3');
}

/** What h5py says when it cannot open something, `noun` being `file` or `object`. */
function unableToOpen(run: Run, noun: string, reason: string): string {
  return `Unable to ${isNew(run) ? 'synchronously ' : ''}open ${noun} (${reason})`;
}

/** `h5py.File(path, 'r')`. */
export function openFile(run: Run, hdf5: RawHdf5 | null, path = run.raw.path): RawGroup {
  const { presence, size } = run.raw;
  if (hdf5 === run.raw.hdf5 && presence !== 'file') raiseNoFile(run, path);
  if (!hdf5) {
    const facts =
      path === run.raw.path ? notHdf5(run) : damage({ ...noSignature, what: `${path} ${noSignature.what}` });
    raise('OSError', unableToOpen(run, 'file', 'file signature not found'), facts);
  }
  const problem = hdf5.problem;
  if (problem?.code === 'hdf5-truncated') {
    const reason = `truncated file: eof = ${size}, sblock->base_addr = ${hdf5.base}, stored_eof = ${hdf5.storedEnd}`;
    raise('OSError', unableToOpen(run, 'file', reason), damage(problem));
  }
  if (problem || !hdf5.root) raise('OSError', unableToOpen(run, 'file', hdf5Reason(problem, 'open')), damage(problem));
  return hdf5.root;
}

/** Of a member of an archive, which Keras itself wrote as HDF5. */
const noSignature: RawProblem = {
  code: 'hdf5-signature',
  what: 'does not begin with the signature of HDF5: its first bytes were overwritten',
  offset: 0,
  facts: null,
};

function raiseNoFile(run: Run, path: string): never {
  const folder = run.raw.presence === 'folder';
  const [number, words] = folder ? [21, 'Is a directory'] : [2, 'No such file or directory'];
  const details = `name = '${path}', errno = ${number}, error message = '${words}', flags = 0, o_flags = 0`;
  const other = { failure: 'wrong-loader-for-format', evidence: evidence('the path is a folder', path) };
  const facts = folder ? (folderOfCheckpoint(run.raw) ?? other) : missingPath(run.raw);
  if (folder) {
    const readFailed = `file read failed: time = Thu Jan  1 00:00:00 1970\n, filename = '${path}', file descriptor = 3, errno = 21, error message = 'Is a directory', buf = 0x7ffd00000000, total read size = 8, bytes this sub-read = 8, bytes actually read = 18446744073709551615, offset = 0`;
    const text = unableToOpen(run, 'file', readFailed);
    if (isH5py3(run)) raise('IsADirectoryError', `[Errno 21] ${text}`, facts);
    raise('OSError', text, facts);
  }
  const text = unableToOpen(run, 'file', `unable to open file: ${details}`);
  if (isH5py3(run)) raise('FileNotFoundError', `[Errno 2] ${text}`, facts);
  raise('OSError', text, facts);
}

/** Why a file that is no HDF5 is none: what its first bytes say. */
export function notHdf5(run: Run): { failure: string; evidence: ReturnType<typeof evidence> } {
  const { head, size, path, zip } = run.raw;
  const text = new TextDecoder('latin1').decode(head.subarray(0, 64));
  const at = (words: string) => evidence(words, path, 0);
  if (size === 0) return { failure: 'truncated-or-corrupt', evidence: at('the file is empty') };
  if (text.startsWith('version https://git-lfs'))
    return { failure: 'lfs-pointer', evidence: at('it is a Git LFS pointer: the model itself was never downloaded') };
  if (zip) return zipNotHdf5(zip, path);
  if (/^\s*<(!doctype|html)/i.test(text)) return { failure: 'not-a-model-file', evidence: at('it is a web page') };
  if (head.every(byte => byte === 0))
    return { failure: 'truncated-or-corrupt', evidence: at('it begins with zeros only') };
  const signature = new TextDecoder('latin1').decode(head).indexOf('\u0089HDF\r\n\u001a\n');
  if (signature > 0) {
    const words = `its HDF5 signature lies at byte ${signature}, where nobody looks for it: something was put before it`;
    return { failure: 'truncated-or-corrupt', evidence: evidence(words, path, signature) };
  }
  if (text.startsWith('\u00ef\u00bf\u00bdHDF'))
    return {
      failure: 'not-a-model-file',
      evidence: at('it was opened as text and written again: every byte above 127 is lost'),
    };
  if (/TREE|HEAP|SNOD|OHDR/.test(new TextDecoder('latin1').decode(head)))
    return { failure: 'truncated-or-corrupt', evidence: at('its first bytes were overwritten; HDF5 follows them') };
  if (run.raw.path.endsWith('saved_model.pb'))
    return {
      failure: 'savedmodel-missing-files',
      evidence: at('it is one file of a SavedModel: the folder is the model'),
    };
  if (/\.(index|data-\d{5}-of-\d{5}|meta)$/.test(run.raw.path))
    return { failure: 'wrong-path', evidence: at('it is one file of a TensorFlow checkpoint: its prefix is the path') };
  if (/^.?HDF/.test(text))
    return { failure: 'truncated-or-corrupt', evidence: at('its HDF5 signature was changed in transfer') };
  return {
    failure: 'not-a-model-file',
    evidence: at(`it begins with ${JSON.stringify(text.slice(0, 16))}, which is not HDF5`),
  };
}

/** Archives under a name that asks for HDF5: Keras's own, or another program's. */
function zipNotHdf5({ members }: NonNullable<Run['raw']['zip']>, path: string) {
  const has = (name: string) => members.some(member => member.name === name);
  if (has('config.json') && path.endsWith('.keras')) {
    const words = 'it is a .keras archive, and this Keras knows HDF5 only';
    return { failure: 'newer-file-older-keras', evidence: evidence(words, path, 0) };
  }
  if (has('config.json')) {
    return {
      failure: 'filename-extension-required',
      evidence: evidence('it is a .keras archive under another name', path, 0),
    };
  }
  return { failure: 'not-a-model-file', evidence: evidence(`it is a zip archive of ${listed(members)}`, path, 0) };
}

function listed(members: readonly { readonly name: string }[]): string {
  const names = members.slice(0, 4).map(({ name }) => name);
  return names.length > 0 ? names.join(', ') : 'nothing';
}

export function damage(problem: RawProblem | null) {
  return {
    failure: 'truncated-or-corrupt',
    evidence: evidence(problem?.what ?? 'the file is damaged', null, problem?.offset ?? null),
  };
}

/** A string as h5py hands it out: `str`, or bytes that still have to be decoded. */
export type H5String =
  | { readonly type: 'str'; readonly text: string; readonly bytes: Uint8Array }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** `attrs.get(name)`: null where there is none. Raises where it cannot be read. */
export function attribute(run: Run, group: RawGroup, name: string): RawAttribute | null {
  // Every attribute's header is decoded while one is looked for by name.
  if (group.attributeProblem) raiseAttribute(run, group.attributeProblem);
  const found = group.attributes[name];
  if (found?.problem) raiseAttribute(run, found.problem);
  return found ?? null;
}

function raiseAttribute(run: Run, problem: RawProblem): never {
  const reason = hdf5Reason(problem, 'attribute');
  // Text lies in a heap of its own, which is looked at only when the attribute is read.
  if (problem.code.startsWith('hdf5-global-heap') || problem.code === 'hdf5-outside-file') {
    const text = isNew(run) ? "Can't synchronously read data" : 'Unable to read attribute';
    raise('OSError', `${text} (${reason})`, damage(problem));
  }
  const words = isNew(run)
    ? "Can't synchronously determine if attribute exists by name"
    : 'Unable to determine if attribute exists';
  raise('RuntimeError', `${words} (${reason})`, damage(problem));
}

/** The attribute's first string as h5py of this environment hands it out. */
export function h5String(run: Run, found: RawAttribute): H5String | null {
  const value = found.values?.[0];
  if (!(value instanceof Uint8Array)) return null;
  return asH5String(run, found, value);
}

function asH5String(run: Run, found: RawAttribute, value: Uint8Array): H5String {
  const isText = isH5py3(run) ? found.variable : found.variable && found.utf8;
  return isText ? { type: 'str', text: decodeSurrogates(value), bytes: value } : { type: 'bytes', bytes: value };
}

/** All strings of an array attribute. */
export function h5Strings(run: Run, found: RawAttribute): H5String[] {
  return (found.values ?? []).flatMap(value => (value instanceof Uint8Array ? [asH5String(run, found, value)] : []));
}

/**
 * `value.decode('utf-8')`. Loaders before tf.keras 2.5 decode whatever they get, and `str` has no `decode` in Python 3;
 * later ones look first.
 */
export function decode(run: Run, value: H5String, always: boolean, what: string): string {
  if (value.type === 'bytes')
    return decodeStrict(value.bytes, {
      failure: 'truncated-or-corrupt',
      evidence: evidence(`${what} is not valid UTF-8`, what),
    });
  if (always && !run.supposed.has('h5py3')) {
    raise('AttributeError', "'str' object has no attribute 'decode'", {
      failure: 'h5py3-decode',
      evidence: evidence(`h5py ${run.environment.h5py} hands out ${what} as str, and this Keras decodes bytes`, what),
      suppose: 'h5py3',
    });
  }
  return value.text;
}

/** `group[name]`, where the name may be a path. Raises KeyError as h5py words it. */
export function child(run: Run, group: RawGroup, name: string): RawNode {
  const found = find(group, name);
  if (found?.kind === 'damaged') raiseHidden(run, found, name);
  if (found?.kind === 'external-link' && !found.present) raiseLink(run, found);
  if (found) return found;
  const blocked = blockedAt(group, name);
  if (blocked) raiseObject(run, blocked);
  const missing = missingPart(group, name);
  const text = unableToOpen(
    run,
    'object',
    missing.component ? 'component not found' : `object '${missing.name}' doesn't exist`,
  );
  raise('KeyError', `"${text}"`, {
    failure: 'weights-missing-in-file',
    evidence: evidence(`"${name}" does not exist in the file`, group.path),
  });
}

/** A name that libhdf5 does not come upon is missing to it; other damage it tells by name. */
function raiseHidden(run: Run, { problem, path }: RawDamaged, name: string): never {
  if (problem.code !== 'hdf5-link-lookup') raiseObject(run, problem);
  const last = path.slice(path.lastIndexOf('/') + 1);
  const reason = last === name.split('/').at(-1) ? `object '${last}' doesn't exist` : 'component not found';
  raise('KeyError', `"${unableToOpen(run, 'object', reason)}"`, damage(problem));
}

export function raiseLink(run: Run, { file, path }: RawLink): never {
  const text = unableToOpen(run, 'object', `unable to open external file, external link file name = '${file}'`);
  raise('KeyError', `"${text}"`, {
    failure: 'hdf5-external-link',
    evidence: evidence(`a link leads into another file, "${file}", which is not there`, path),
  });
}

export function raiseObject(run: Run, problem: RawProblem): never {
  raise('KeyError', `'${unableToOpen(run, 'object', hdf5Reason(problem, 'object'))}'`, damage(problem));
}

/** The object at a path below a group, links followed inside the file; undefined where there is none. */
export function find(group: RawGroup, name: string): RawNode | undefined {
  let node: RawNode | undefined = group;
  for (const part of name.split('/').filter(Boolean)) {
    if (node?.kind !== 'group') return undefined;
    node = node.children[part];
  }
  return node;
}

function blockedAt(group: RawGroup, name: string): RawProblem | null {
  let node: RawNode | undefined = group;
  for (const part of name.split('/').filter(Boolean)) {
    if (node?.kind === 'damaged') return node.problem;
    if (node?.kind !== 'group') return null;
    if (node.childProblem && !node.children[part]) return node.childProblem;
    node = node.children[part];
  }
  return null;
}

/** Which part of the path is missing: the last one is named by libhdf5, one before it is a component. */
function missingPart(group: RawGroup, name: string): { name: string; component: boolean } {
  const parts = name.split('/').filter(Boolean);
  let node: RawNode | undefined = group;
  for (const [index, part] of parts.entries()) {
    const next: RawNode | undefined = node?.kind === 'group' ? node.children[part] : undefined;
    if (!next) return { name: part, component: index < parts.length - 1 };
    node = next;
  }
  return { name, component: false };
}

/** `name in group`. */
export function contains(run: Run, group: RawGroup, name: string): boolean {
  const found = find(group, name);
  if (found?.kind === 'damaged' && found.problem.code === 'hdf5-link-lookup') return false;
  if (found !== undefined) return true;
  const problem = blockedAt(group, name);
  if (problem) {
    const words = `Unable to ${isNew(run) ? 'synchronously ' : ''}check link existence`;
    raise('RuntimeError', `${words} (${hdf5Reason(problem, 'object')})`, damage(problem));
  }
  return false;
}

/** `dataset[...]`: raises where libhdf5 cannot read the values. */
export function readDataset(run: Run, { problem }: RawDataset): void {
  if (!problem) return;
  const words = `Can't ${isNew(run) ? 'synchronously ' : ''}read data`;
  raise('OSError', `${words} (${hdf5Reason(problem, 'object')})`, damage(problem));
}
