/**
 * Turns the raw bytes of elements into values: a tensor where a dtype says what they are, else decoded items. Only
 * variable-length elements read more of the file (their global heaps).
 */

import type { TensorData } from '../../numbers/dtype.ts';
import type { Tensor } from '../../numbers/tensor.ts';
import { type Context, cursorOver, damaged, report } from './context.ts';
import type { Hdf5Datatype } from './datatype-types.ts';
import { dtypeOf, numericBase } from './element-types.ts';
import { readGlobalObject } from './global-heap.ts';
import { decodeNumbers } from './numbers.ts';
import { decodeText, trimPadding } from './text.ts';
import type { Hdf5Item, Hdf5Items, Hdf5Reference } from './types.ts';

/** Bytes as they lie in the file, with the absolute offset of the first for messages. */
export interface RawValues {
  bytes: Uint8Array;
  offset: number;
  /** Gathers the stored bytes of each string where one is not UTF-8. */
  rawStrings?: Uint8Array[];
}

/** Decodes elements of `type` in the shape `shape`; an array datatype adds its axes at the end. */
export async function decodeValues(
  context: Context,
  type: Hdf5Datatype,
  shape: readonly number[],
  raw: RawValues,
): Promise<Tensor | Hdf5Items> {
  const dtype = dtypeOf(type);
  if (dtype === null) return { dtype, shape, datatype: type, items: await decodeItems(context, type, raw) };
  const axes = [...shape, ...arrayAxes(type)];
  const element = innermost(type);
  const base = numericBase(element);
  const data: TensorData = base ? decodeNumbers(base, dtype, raw.bytes) : await decodeStrings(context, element, raw);
  return { dtype, shape: axes, data };
}

function arrayAxes(type: Hdf5Datatype): number[] {
  return type.class === 'array' ? [...type.shape, ...arrayAxes(type.base)] : [];
}

function innermost(type: Hdf5Datatype): Hdf5Datatype {
  return type.class === 'array' ? innermost(type.base) : type;
}

async function decodeStrings(context: Context, type: Hdf5Datatype, raw: RawValues): Promise<string[]> {
  if (type.class !== 'string' && type.class !== 'variable-string') throw new TypeError(`${type.class} is no text`);
  const stored: Uint8Array[] = [];
  for (let start = 0; start + type.size <= raw.bytes.length; start += type.size) {
    const bytes = raw.bytes.subarray(start, start + type.size);
    if (type.class === 'string') stored.push(trimPadding(bytes, type.padding));
    else stored.push(trimPadding(await readVariable(context, 1, bytes, raw.offset + start), 'null-terminated'));
  }
  const decoded = stored.map(bytes => decodeText(bytes));
  const bad = decoded.findIndex(({ valid }) => !valid);
  if (bad >= 0) {
    raw.rawStrings?.push(...stored);
    report(context, 'warning', {
      code: 'hdf5-text',
      what: 'a string is not UTF-8; its bad bytes are kept as lone surrogates',
      offset: raw.offset + bad * type.size,
      length: type.size,
    });
  }
  return decoded.map(({ text }) => text);
}

/** The bytes that a descriptor of variable length (count, heap address, index) stands for. */
async function readVariable(
  context: Context,
  elementSize: number,
  descriptor: Uint8Array,
  offset: number,
): Promise<Uint8Array> {
  const at = cursorOver(context, descriptor, offset);
  const count = at.u32();
  const address = at.uintOrNull(context.offsetSize);
  const index = at.u32();
  if (count === 0 || address === null || address === 0) return new Uint8Array(0);
  const object = await readGlobalObject(context, address, index);
  const needed = count * elementSize;
  if (needed <= object.bytes.length) return object.bytes.subarray(0, needed);
  throw damaged(context, {
    code: 'hdf5-variable-length',
    what: `a value of ${needed} bytes lies in ${object.bytes.length} bytes of the global heap`,
    offset,
    facts: { needed, found: object.bytes.length },
  });
}

async function decodeItems(context: Context, type: Hdf5Datatype, raw: RawValues, depth = 0): Promise<Hdf5Item[]> {
  const items: Hdf5Item[] = [];
  for (let start = 0; start + type.size <= raw.bytes.length; start += type.size) {
    const bytes = raw.bytes.subarray(start, start + type.size);
    items.push(await decodeItem(context, type, { bytes, offset: raw.offset + start }, depth));
  }
  return items;
}

async function decodeItem(context: Context, type: Hdf5Datatype, raw: RawValues, depth: number): Promise<Hdf5Item> {
  if (depth > context.limits.depth) {
    throw damaged(context, { code: 'hdf5-datatype', what: 'a value is nested too deep', offset: raw.offset });
  }
  if (dtypeOf(type) !== null) {
    const value = await decodeValues(context, type, [], raw);
    return type.class === 'array' ? (value as Tensor) : scalarOf(value);
  }
  if (type.class === 'array') return decodeItems(context, type.base, raw, depth + 1);
  switch (type.class) {
    case 'compound': {
      const record: Record<string, Hdf5Item> = {};
      for (const { name, offset, datatype } of type.members) {
        const bytes = raw.bytes.subarray(offset, offset + datatype.size);
        const item = await decodeItem(context, datatype, { bytes, offset: raw.offset + offset }, depth + 1);
        Object.defineProperty(record, name, { value: item, enumerable: true, configurable: true, writable: true });
      }
      return record;
    }
    case 'variable': {
      const bytes = await readVariable(context, type.base.size, raw.bytes, raw.offset);
      const inner = { bytes, offset: raw.offset };
      if (dtypeOf(type.base) === null) return decodeItems(context, type.base, inner, depth + 1);
      return (await decodeValues(context, type.base, [Math.floor(bytes.length / type.base.size)], inner)) as Tensor;
    }
    case 'reference':
      return decodeReference(context, type, raw);
    default:
      return raw.bytes.slice();
  }
}

/** The one element of a tensor. A complex number, which has two parts, stays a tensor. */
export function scalarOf(value: Tensor | Hdf5Items): Hdf5Item {
  if (value.dtype === null) return value.items[0] ?? null;
  if (value.data.length !== 1) return value;
  const element = value.data[0]!;
  if (value.dtype === 'bool') return element !== 0;
  if (typeof element !== 'bigint') return bitPatterns.has(value.dtype) ? value : element;
  const small = Number(element);
  return Number.isSafeInteger(small) ? small : element;
}

/** dtypes that are held as bit patterns, which must not pass for numbers. */
const bitPatterns: ReadonlySet<string> = new Set(['float16', 'bfloat16', 'float8_e4m3fn', 'float8_e5m2']);

/** References of the first kind hold the address; region references name a heap object that begins with it. */
async function decodeReference(
  context: Context,
  type: Hdf5Datatype & { class: 'reference' },
  raw: RawValues,
): Promise<Hdf5Reference> {
  const none: Hdf5Reference = { reference: type.target, offset: null };
  if (type.revised || raw.bytes.every(byte => byte === 0)) return none;
  const at = cursorOver(context, raw.bytes, raw.offset);
  const address = at.uintOrNull(context.offsetSize);
  if (address === null) return none;
  if (type.target === 'object') return { reference: 'object', offset: context.base + address };
  const region = await readGlobalObject(context, address, at.u32());
  const target = cursorOver(context, region.bytes, region.offset).uintOrNull(context.offsetSize);
  return { reference: 'region', offset: target === null ? null : context.base + target };
}
