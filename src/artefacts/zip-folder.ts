/** The members of an archive as a folder; stored ones stay where they lie. */

import type { Folder } from '../bytes/folder.ts';
import { memorySource } from '../bytes/memory.ts';
import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import { findMember, openMember, readMember, type ZipFile } from '../containers/zip/index.ts';

/** Members up to this size are read whole and their checksum is compared: configs and vocabularies, not weights. */
const checkedSize = 8 << 20;

export function zipFolder(zip: ZipFile, options: ReadOptions = {}): Folder {
  const opened = new Map<string, Promise<ByteSource>>();
  const open = async (path: string): Promise<ByteSource | null> => {
    const member = findMember(zip, path);
    if (!member) return null;
    const small = member.size <= checkedSize && !path.endsWith('.h5') && !path.endsWith('.npz');
    if (!small) return openMember(zip, member, options);
    return memorySource(await readMember(zip, member, options), `${zip.source.name}/${path}`);
  };
  return {
    name: zip.source.name,
    async file(path) {
      const held = opened.get(path) ?? open(path);
      opened.set(path, held as Promise<ByteSource>);
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
