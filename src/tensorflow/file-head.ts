/** What a file is that should have been something else: by its first bytes, for messages that help. */

import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../findings/finding.ts';

interface Sign {
  readonly code: string;
  readonly what: string;
  matches(head: Uint8Array, text: string): boolean;
}

const signs: readonly Sign[] = [
  { code: 'empty-file', what: 'is empty', matches: head => head.length === 0 },
  {
    code: 'git-lfs-pointer',
    what: 'is a pointer of Git LFS, not the file itself: run `git lfs pull` where it came from',
    matches: (_, text) => text.startsWith('version https://git-lfs.github.com/spec/'),
  },
  {
    code: 'savedmodel-pb-is-html',
    what: 'is a web page, not the file itself: download it again, from the link to the raw file',
    matches: (_, text) => /^\s*<(!doctype|html|head|\?xml)/i.test(text),
  },
  { code: 'wrong-container', what: 'is an HDF5 file', matches: (_, text) => text.startsWith('\x89HDF\r\n') },
  { code: 'wrong-container', what: 'is a zip archive', matches: (_, text) => text.startsWith('PK\x03\x04') },
  { code: 'wrong-container', what: 'is compressed with gzip', matches: head => head[0] === 0x1f && head[1] === 0x8b },
];

/** The finding that the head of a file stands for, or null where it may be what it should. */
export async function headFinding(source: ByteSource, path: string): Promise<Finding | null> {
  const head = await source.read(0, Math.min(source.size, 256));
  const text = String.fromCharCode(...head);
  const sign = signs.find(({ matches }) => matches(head, text));
  return sign ? { code: sign.code, severity: 'error', what: `${path} ${sign.what}`, at: { path, offset: 0 } } : null;
}
