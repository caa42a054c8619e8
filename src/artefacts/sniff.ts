/**
 * What a file is, by its first bytes: one of the containers that Keras writes, or one of the many things that are
 * called `model.h5` and are not. Each of those has a name and an advice, so that the error says what lies there.
 */

import { cachedSource } from '../bytes/cache.ts';
import type { ByteSource, ReadOptions } from '../bytes/source.ts';
import { isHdf5 } from '../containers/hdf5/index.ts';
import { LoadstoneError } from '../findings/errors.ts';

export type ContainerKind = 'hdf5' | 'zip' | 'json' | 'yaml';

interface Impostor {
  readonly name: string;
  readonly advice: string;
  readonly matches: (head: Uint8Array, text: string) => boolean;
}

const again = 'Download or copy the file again.';

function starts(...bytes: number[]): Impostor['matches'] {
  return head => bytes.every((byte, index) => head[index] === byte);
}

/** In the order in which they are tried; the surest signs first. */
const impostors: readonly Impostor[] = [
  {
    name: 'a git-LFS pointer: the file itself is still on the LFS server',
    advice: 'Run "git lfs install" and "git lfs pull" in the repository, or download the file itself.',
    matches: (_, text) => text.startsWith('version https://git-lfs'),
  },
  {
    name: 'an HTML page: what a server answers in place of the file',
    advice: 'Download the file itself; the link led to a page (a login, an error, a viewer).',
    matches: (_, text) => /^\s*(<!--[\s\S]*?-->\s*)?<(!doctype html|html|head|body|script)/i.test(text),
  },
  {
    name: 'an XML text, as servers answer with errors',
    advice: again,
    matches: (_, text) => /^\s*<\?xml/i.test(text),
  },
  {
    name: 'an HDF5 file that was transferred as text: its line ends were changed',
    advice: 'Transfer it in binary mode; the changed bytes cannot be told from the others.',
    matches: head =>
      (head[0] === 0x89 || head[0] === 0x3f || head[0] === 0x09) &&
      head[1] === 0x48 &&
      head[2] === 0x44 &&
      head[3] === 0x46,
  },
  {
    name: 'an HDF5 file that was opened and saved as text: bytes above 127 are lost',
    advice: `${again} Nothing can bring those bytes back.`,
    matches: head => head[0] === 0xef && head[1] === 0xbf && head[2] === 0xbd && head[3] === 0x48 && head[4] === 0x44,
  },
  { name: 'a GIF picture', advice: again, matches: (_, text) => /^GIF8[79]a/.test(text) },
  { name: 'a PNG picture', advice: again, matches: starts(0x89, 0x50, 0x4e, 0x47) },
  { name: 'a JPEG picture', advice: again, matches: starts(0xff, 0xd8, 0xff) },
  { name: 'a WebP picture', advice: again, matches: (_, text) => /^RIFF....WEBP/s.test(text) },
  {
    name: 'a BMP picture',
    advice: again,
    matches: (head, text) => text.startsWith('BM') && head[6] === 0 && head[7] === 0,
  },
  { name: 'a PDF document', advice: again, matches: (_, text) => text.startsWith('%PDF') },
  {
    name: 'a gzip archive',
    advice: 'Unpack it first: gunzip < FILE > model.h5, or tar xzf FILE.',
    matches: starts(0x1f, 0x8b),
  },
  { name: 'an xz archive', advice: 'Unpack it first: xz -d.', matches: starts(0xfd, 0x37, 0x7a, 0x58, 0x5a) },
  { name: 'a bzip2 archive', advice: 'Unpack it first: bunzip2.', matches: (_, text) => /^BZh[1-9]/.test(text) },
  { name: 'a Zstandard archive', advice: 'Unpack it first: zstd -d.', matches: starts(0x28, 0xb5, 0x2f, 0xfd) },
  { name: 'a 7-Zip archive', advice: 'Unpack it first.', matches: starts(0x37, 0x7a, 0xbc, 0xaf) },
  { name: 'a RAR archive', advice: 'Unpack it first.', matches: (_, text) => text.startsWith('Rar!') },
  {
    name: 'a tar archive',
    advice: 'Unpack it first: tar xf FILE.',
    matches: (_, text) => text.slice(257, 262) === 'ustar',
  },
  {
    name: 'a PyTorch checkpoint',
    advice: 'Load it with torch.load; it holds no Keras model.',
    matches: starts(0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc),
  },
  {
    name: 'a Python pickle',
    advice:
      'It is read by Python alone, and runs code when it is: open it only if you trust it, and save the model with model.save.',
    matches: head => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5,
  },
  {
    name: 'a TensorFlow Lite model',
    advice: 'Open it with TensorFlow Lite; it was converted from a Keras model and is none any more.',
    matches: (_, text) => text.slice(4, 8) === 'TFL3',
  },
  {
    name: 'a safetensors file: tensors by name, without a model',
    advice: 'Give the model that they belong to.',
    matches: (head, text) =>
      head[8] === 0x7b && /^\{\s*"/.test(text.slice(8)) && head.slice(5, 8).every(byte => byte === 0),
  },
  { name: 'a NumPy array', advice: 'Give the model; this is data for it.', matches: starts(0x93, 0x4e, 0x55, 0x4d) },
  {
    name: 'a TensorFlow event log of training',
    advice: 'Give the model that was saved beside it.',
    matches: (head, text) => text.includes('brain.Event:') && head[8] !== 0,
  },
  {
    name: 'an ONNX model',
    advice: 'Run it with ONNX Runtime; it holds no Keras model.',
    matches: (head, text) =>
      head[0] === 0x08 && head[1]! < 32 && /(onnx|pytorch|keras2onnx|tf2onnx|skl2onnx)/.test(text.slice(0, 64)),
  },
  {
    name: 'the graph of a SavedModel (saved_model.pb), which is a folder',
    advice: 'Give the folder that holds it, with its "variables" beside it.',
    matches: (head, text) => head[0] === 0x08 && head[1] === 0x01 && head[2] === 0x12 && text.includes('serve'),
  },
];

/** Enough for all signs, `ustar` at 257 being the furthest. */
const headLength = 1024;

/**
 * Says which container `source` is. Throws `unknown-format` with the name of what it is instead and what to do.
 */
export async function sniff(source: ByteSource, options: ReadOptions = {}): Promise<ContainerKind> {
  if (source.size === 0)
    throw unknown(
      source,
      'the file is empty',
      'It was created and never written, or the disk was full: copy it again.',
    );
  const head = await source.read(0, Math.min(headLength, source.size), options);
  const text = String.fromCharCode(...head);
  if (text.startsWith('\x89HDF\r\n\x1a\n')) return 'hdf5';
  // Before looking for HDF5 elsewhere: a file inside the archive may lie where a user block would put its signature.
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'zip';
  const impostor = impostors.find(({ matches }) => matches(head, text));
  if (impostor) throw unknown(source, `it is ${impostor.name}`, impostor.advice);
  const words = new TextDecoder()
    .decode(head)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (looksLikeText(head) && /^([{[]|"\{)/.test(words)) return 'json';
  if (
    looksLikeText(head) &&
    /^(backend|class_mode|class_name|config|input_config|keras_version|layers|name: (Graph|Sequential)|---)/.test(words)
  )
    return 'yaml';
  // Only now the other places where an HDF5 file may begin: each costs a request.
  if (await isHdf5(cachedSource(source))) return 'hdf5';
  throw strange(source, head);
}

/** Neither a container of Keras nor anything else that is known. */
function strange(source: ByteSource, head: Uint8Array): LoadstoneError {
  if (head.every(byte => byte === 0))
    return unknown(source, 'it is nothing but zeros: a copy that was never filled', again);
  if (looksLikeText(head)) {
    return unknown(source, 'it is plain text and describes no model', 'Give the model that it speaks of.');
  }
  return unknown(
    source,
    'it begins like no artefact of Keras',
    'Check where it came from, or whether its beginning was overwritten.',
  );
}

function looksLikeText(head: Uint8Array): boolean {
  return head.every(byte => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

export function unknown(source: { readonly name: string }, what: string, advice: string): LoadstoneError {
  return new LoadstoneError('unknown-format', what, { where: source.name, do: advice });
}
