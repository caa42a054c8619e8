/** The members of an archive as a folder; stored ones stay where they lie. */

import type { Folder } from '../bytes/folder.ts';
import { memorySource } from '../bytes/memory.ts';
import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import { checkMember, findMember, openMember, type ZipFile, type ZipMember } from '../containers/zip/index.ts';
import type { Finding } from '../findings/finding.ts';

/** Texts up to this size are read whole and their checksum is compared: configs and vocabularies. */
const checkedText = 8 << 20;
/** Weights up to this size as well: it costs no more than the directory of a large file does. */
const checkedWeights = 256 << 10;

export interface ZipFolder extends Folder {
  /** Checksums that differ, as far as members were read. */
  readonly findings: readonly Finding[];
}

/** `raw` is the archive without the cache through which `zip` was opened. */
export function zipFolder(zip: ZipFile, raw: ByteSource, options: ReadOptions = {}): ZipFolder {
  const opened = new Map<string, Promise<ByteSource | null>>();
  const findings: Finding[] = [];
  const open = async (path: string): Promise<ByteSource | null> => {
    const member = findMember(zip, path);
    if (!member) return null;
    const most = /\.(h5|npz)$/.test(path) ? checkedWeights : checkedText;
    if (member.size > most) return openMember({ ...zip, source: raw }, member, options);
    const { bytes, problem } = await checkMember(zip, member, options);
    if (problem) findings.push(differs(member, problem));
    // Stored weights stay in the archive, where a runtime can use them in place.
    return member.method === 0 ? openMember(zip, member, options) : memorySource(bytes, `${zip.source.name}/${path}`);
  };
  return {
    name: zip.source.name,
    findings,
    async file(path) {
      const held = opened.get(path) ?? open(path);
      opened.set(path, held);
      return held;
    },
    list: async () =>
      zip.members
        .filter(member => !member.directory)
        .map(member => member.name)
        .sort(),
    close: async () => zip.source.close?.(),
  };
}

function differs(member: ZipMember, problem: string): Finding {
  const what = `the member "${member.name}" was changed after it was saved: ${problem}`;
  const at = { path: member.name, offset: member.headerOffset };
  return { code: 'zip-checksum', severity: 'error', what, at };
}
