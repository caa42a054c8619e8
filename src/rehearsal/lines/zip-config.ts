/** Opening a `.keras` archive and its config.json, as Python's zipfile goes about it. */

import { evidence, raise } from '../python/exception.ts';
import type { Run } from '../run.ts';

/** The bytes of config.json. Raises what zipfile raises. */
export function readZipConfig(run: Run): Uint8Array {
  const zip = run.raw.zip!;
  const facts = (words: string, offset: number | null) => ({
    failure: 'truncated-or-corrupt',
    evidence: evidence(words, 'config.json', offset),
  });
  if (zip.problem)
    raise('BadZipFile', 'Bad magic number for central directory', facts(zip.problem.what, zip.problem.offset));
  const member = zip.members.findLast(({ name }) => name === 'config.json');
  if (!member) {
    const names = zip.members.map(({ name }) => name);
    raise('KeyError', `"There is no item named 'config.json' in the archive"`, {
      failure: failureWithoutConfig(names),
      evidence: evidence(`the archive has no config.json at its top: ${names.slice(0, 5).join(', ')}`, run.raw.path),
    });
  }
  if (member.problem)
    raiseMember(member.problem.code, 'config.json', facts(member.problem.what, member.problem.offset));
  return zip.texts['config.json'] ?? new Uint8Array(0);
}

function failureWithoutConfig(names: readonly string[]): string {
  if (names.some(name => name.endsWith('/config.json'))) return 'keras-zip-nested-folder';
  const ours = names.some(name => name === 'metadata.json' || name.startsWith('model.weights'));
  return ours ? 'keras-zip-missing-config' : 'not-a-model-file';
}

export function raiseMember(code: string, name: string, facts: Parameters<typeof raise>[2]): never {
  if (code === 'zip-header') raise('BadZipFile', 'Bad magic number for file header', facts);
  if (code === 'zip-data') raise('error', 'Error -3 while decompressing data: invalid block type', facts);
  raise('BadZipFile', `Bad CRC-32 for file '${name}'`, facts);
}
