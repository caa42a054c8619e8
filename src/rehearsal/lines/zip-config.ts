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
    raise('KeyError', `"There is no item named 'config.json' in the archive"`, {
      failure: 'truncated-or-corrupt',
      evidence: evidence(
        `the archive has no config.json at its top: ${zip.members
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}`,
        run.raw.path,
      ),
    });
  }
  if (member.problem)
    raiseMember(member.problem.code, 'config.json', facts(member.problem.what, member.problem.offset));
  return zip.texts['config.json'] ?? new Uint8Array(0);
}

export function raiseMember(code: string, name: string, facts: Parameters<typeof raise>[2]): never {
  if (code === 'zip-header') raise('BadZipFile', 'Bad magic number for file header', facts);
  if (code === 'zip-data') raise('error', 'Error -3 while decompressing data: invalid block type', facts);
  raise('BadZipFile', `Bad CRC-32 for file '${name}'`, facts);
}
