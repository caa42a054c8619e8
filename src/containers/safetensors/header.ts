/**
 * The header of a safetensors file: eight bytes of length, then JSON that names each tensor's dtype, shape and place
 * among the bytes that follow (the format's README, "Format"). Both reading and writing keep to its rules: no overlap,
 * no gaps, names once.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import { bytesPerElement, type DType } from '../../numbers/dtype.ts';
import { elementCount } from '../../numbers/tensor.ts';

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface PlacedEntry extends SafetensorsEntry {
  /** Byte offset from the start of the file. */
  readonly offset: number;
  readonly length: number;
}

/** The format's own limit for the header (100 MB), against files that claim to be all header. */
export const longestHeader = 100_000_000;

/** Names of the dtypes in the format; complex numbers and strings have none. */
const formatNames: Partial<Record<DType, string>> = {
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  bool: 'BOOL',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
};

const dtypeOf = new Map(Object.entries(formatNames).map(([dtype, name]) => [name, dtype as DType]));

/**
 * Header for tensors that follow in this order, padded with spaces so that numbers start at a multiple of 8.
 * Throws `unsupported` for a dtype that the format lacks, `usage` for a name given twice.
 */
export function encodeHeader(
  entries: readonly SafetensorsEntry[],
  metadata: { readonly [key: string]: string } = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let at = 0;
  for (const { name, dtype, shape } of entries) {
    const stored = formatNames[dtype];
    if (!stored) throw new LoadstoneError('unsupported', `safetensors has no type for ${dtype}`, { where: name });
    if (name in header) throw new LoadstoneError('usage', 'two tensors have one name', { where: name });
    const length = elementCount(shape) * bytesPerElement[dtype];
    header[name] = { dtype: stored, shape, data_offsets: [at, at + length] };
    at += length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

export interface SafetensorsHeader {
  readonly entries: readonly PlacedEntry[];
  readonly metadata: { readonly [key: string]: string };
}

/**
 * Reads a header's JSON. `start` is where the numbers begin, `size` the file's length.
 * Throws `damaged` where an entry does not hold what the format asks, with the tensor's name.
 */
export function decodeHeader(json: string, start: number, size: number): SafetensorsHeader {
  const parsed = parseRecord(json);
  const { __metadata__: metadata = {}, ...tensors } = parsed;
  const entries = Object.entries(tensors).map(([name, value]) => placedEntry(name, value, start, size));
  return { entries: entries.sort((a, b) => a.offset - b.offset), metadata: metadata as Record<string, string> };
}

function parseRecord(json: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // said below, with what a header should be
  }
  throw new LoadstoneError('damaged', 'the header of the safetensors file is no JSON object', { offset: 8 });
}

function placedEntry(name: string, value: unknown, start: number, size: number): PlacedEntry {
  const { dtype, shape, data_offsets } = (value ?? {}) as Record<string, unknown>;
  const known = dtypeOf.get(String(dtype));
  const sizes = Array.isArray(shape) && shape.every(item => Number.isSafeInteger(item) && item >= 0) ? shape : null;
  const [from, to] = Array.isArray(data_offsets) ? (data_offsets as unknown[]) : [];
  const fits = Number.isSafeInteger(from) && Number.isSafeInteger(to) && (from as number) >= 0;
  if (known && sizes && fits) {
    const length = (to as number) - (from as number);
    const wanted = elementCount(sizes as number[]) * bytesPerElement[known];
    const offset = start + (from as number);
    if (length === wanted && offset + length <= size)
      return { name, dtype: known, shape: sizes as number[], offset, length };
  }
  throw new LoadstoneError('damaged', 'dtype, shape and place of the tensor do not go together', { where: name });
}
