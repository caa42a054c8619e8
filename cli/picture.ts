/** Pictures as inputs: PNG and JPEG decoded to the size and channels that a model takes, values 0 to 255. */

import { LoadstoneError } from '../src/findings/errors.ts';
import type { TensorSpec } from '../src/model/types.ts';
import type { Tensor } from '../src/numbers/tensor.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row by row, channels together, 0 to 255. */
  readonly data: ArrayLike<number>;
}

const signatures = { png: [0x89, 0x50, 0x4e, 0x47], jpeg: [0xff, 0xd8, 0xff] };

export function isPicture(bytes: Uint8Array): boolean {
  return Object.values(signatures).some(signature => signature.every((byte, at) => bytes[at] === byte));
}

/**
 * The picture as a batch of one for `spec`, resized (bilinear) where the model fixes another size; `note` hears of
 * that. Throws `bad-input` where the model takes no pictures or the file is broken.
 */
export async function pictureInput(
  bytes: Uint8Array,
  where: string,
  spec: TensorSpec,
  note: (text: string) => void,
): Promise<Tensor> {
  const { shape } = spec;
  const last = shape.at(-1);
  const channelsFirst = last !== 1 && last !== 3 && last !== 4 && shape.length === 4;
  const channels = shape.length === 3 ? 1 : channelsFirst ? shape[1]! : last!;
  if ((shape.length !== 3 && shape.length !== 4) || ![1, 3, 4].includes(channels)) {
    throw new LoadstoneError(
      'bad-input',
      `input "${spec.name}" has the shape (${shape.map(size => size ?? 'None').join(', ')}), which is no picture`,
      { where },
    );
  }
  const [rows, columns] = channelsFirst ? shape.slice(2) : shape.slice(1, 3);
  const picture = withChannels(await decode(bytes, where), channels);
  const [height, width] = [rows ?? picture.height, columns ?? picture.width];
  if (height !== picture.height || width !== picture.width) {
    note(`${where} is ${picture.height}×${picture.width}, the model takes ${height}×${width}: resized`);
  }
  const data = resize(picture, height, width);
  if (shape.length === 3) return { dtype: 'float32', shape: [1, height, width], data };
  if (!channelsFirst) return { dtype: 'float32', shape: [1, height, width, channels], data };
  const planes = Float32Array.from(
    { length: data.length },
    (_, at) => data[(at % (height * width)) * channels + Math.floor(at / (height * width))]!,
  );
  return { dtype: 'float32', shape: [1, channels, height, width], data: planes };
}

async function decode(bytes: Uint8Array, where: string): Promise<Picture> {
  try {
    return bytes[0] === 0x89 ? await decodePng(bytes) : await decodeJpeg(bytes);
  } catch (cause) {
    throw new LoadstoneError('bad-input', `the picture cannot be decoded: ${(cause as Error).message}`, {
      where,
      do: 'Save it again as PNG or JPEG.',
      cause,
    });
  }
}

async function decodePng(bytes: Uint8Array): Promise<Picture> {
  const { convertIndexedToRgb, decode: decodeFile } = await import('fast-png');
  const { width, height, data, depth, channels, palette } = decodeFile(bytes);
  if (palette) {
    const rgb = convertIndexedToRgb({ width, height, data, depth, channels, palette, text: {} });
    return { width, height, channels: rgb.length / (width * height), data: rgb };
  }
  const largest = 2 ** depth - 1;
  return { width, height, channels, data: Float32Array.from(data, value => (value * 255) / largest) };
}

async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  const { default: codec } = await import('@cwasm/jpeg-turbo');
  const { width, height, data } = codec.decode(bytes);
  return { width, height, channels: 4, data };
}

/** To 1 (luma as PIL has it, ITU-R 601), 3 or 4 channels. */
function withChannels(picture: Picture, wanted: number): Picture {
  const { width, height, channels, data } = picture;
  if (channels === wanted) return picture;
  const gray = channels <= 2;
  const alpha = channels === 2 || channels === 4;
  const out = new Float32Array(width * height * wanted);
  for (let at = 0; at < width * height; at += 1) {
    const from = at * channels;
    const [red, green, blue] = gray
      ? [data[from]!, data[from]!, data[from]!]
      : [data[from]!, data[from + 1]!, data[from + 2]!];
    if (wanted === 1) out[at] = gray ? red : Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    else out.set([red, green, blue, alpha ? data[from + channels - 1]! : 255].slice(0, wanted), at * wanted);
  }
  return { width, height, channels: wanted, data: out };
}

/** Bilinear, pixel centres at halves, as tf.image.resize. */
function resize({ width, height, channels, data }: Picture, rows: number, columns: number): Float32Array {
  if (rows === height && columns === width) return Float32Array.from(data);
  const out = new Float32Array(rows * columns * channels);
  const place = (at: number, from: number, to: number) => {
    const exact = Math.max(((at + 0.5) * from) / to - 0.5, 0);
    const low = Math.min(Math.floor(exact), from - 1);
    return { low, high: Math.min(low + 1, from - 1), share: exact - low };
  };
  for (let row = 0; row < rows; row += 1) {
    const y = place(row, height, rows);
    for (let column = 0; column < columns; column += 1) {
      const x = place(column, width, columns);
      for (let channel = 0; channel < channels; channel += 1) {
        const cell = (line: number, at: number) => data[(line * width + at) * channels + channel]!;
        const top = cell(y.low, x.low) * (1 - x.share) + cell(y.low, x.high) * x.share;
        const bottom = cell(y.high, x.low) * (1 - x.share) + cell(y.high, x.high) * x.share;
        out[(row * columns + column) * channels + channel] = top * (1 - y.share) + bottom * y.share;
      }
    }
  }
  return out;
}
