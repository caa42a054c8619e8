/** Datatype messages (specification IV.A.2.d): what one element is made of. Versions 1 to 5. */

import type { Cursor } from '../../bytes/cursor.ts';
import { type Context, damaged, unsupported } from './context.ts';
import type {
  ByteOrder,
  CharacterSet,
  Hdf5CompoundMember,
  Hdf5Datatype,
  Hdf5EnumMember,
  Hdf5FloatType,
  Hdf5IntegerType,
  StringPadding,
} from './datatype-types.ts';
import { decodeText } from './text.ts';

const paddings: readonly StringPadding[] = ['null-terminated', 'null-padded', 'space-padded'];
const normalizations: readonly Hdf5FloatType['normalization'][] = ['none', 'set', 'implied'];
const referenceTargets = ['object', 'region', 'object', 'region', 'attribute'] as const;

interface Prefix {
  version: number;
  bits: number;
  size: number;
  depth: number;
}

/** Parses one datatype at the cursor, which is left behind it. */
export function parseDatatype(context: Context, at: Cursor, depth = 0): Hdf5Datatype {
  const offset = at.offset;
  if (depth > context.limits.depth) {
    throw damaged(context, { code: 'hdf5-datatype', what: 'the datatype is nested too deep', offset });
  }
  const first = at.u8();
  const bits = at.u24();
  const prefix: Prefix = { version: first >> 4, bits, size: at.u32(), depth };
  const parse = prefix.version >= 1 && prefix.version <= 5 ? classes[first & 0x0f] : undefined;
  if (!parse || prefix.size === 0) {
    throw damaged(context, {
      code: 'hdf5-datatype',
      what: `a datatype of version ${prefix.version}, class ${first & 0x0f} and ${prefix.size} bytes is none`,
      offset,
      length: 8,
      facts: { version: prefix.version, class: first & 0x0f, size: prefix.size },
    });
  }
  return parse(context, at, prefix);
}

type Parse = (context: Context, at: Cursor, prefix: Prefix) => Hdf5Datatype;

const classes: readonly Parse[] = [
  integerType,
  floatType,
  timeType,
  stringType,
  integerType,
  opaqueType,
  compoundType,
  referenceType,
  enumType,
  variableType,
  arrayType,
  complexType,
];

function integerType(context: Context, at: Cursor, { bits, size }: Prefix): Hdf5IntegerType {
  const isBitfield = (at.bytes[at.position - 8]! & 0x0f) === 4;
  const offset = at.offset;
  const bitOffset = at.u16();
  const precision = at.u16();
  if (precision === 0 || bitOffset + precision > size * 8) {
    throw damaged(context, {
      code: 'hdf5-datatype',
      what: `an integer of ${size} bytes cannot have ${precision} bits from bit ${bitOffset}`,
      offset,
    });
  }
  const order: ByteOrder = bits & 1 ? 'big' : 'little';
  const signed = !isBitfield && (bits & 8) !== 0;
  return { class: isBitfield ? 'bitfield' : 'integer', size, order, signed, bitOffset, precision };
}

function floatType(context: Context, at: Cursor, { bits, size }: Prefix): Hdf5FloatType {
  const offset = at.offset;
  const type: Hdf5FloatType = {
    class: 'float',
    size,
    order: (bits & 0x41) === 0x41 ? 'vax' : bits & 1 ? 'big' : 'little',
    bitOffset: at.u16(),
    precision: at.u16(),
    signBit: (bits >> 8) & 0xff,
    exponentBit: at.u8(),
    exponentBits: at.u8(),
    mantissaBit: at.u8(),
    mantissaBits: at.u8(),
    exponentBias: at.u32(),
    normalization: normalizations[(bits >> 4) & 3] ?? 'none',
  };
  const wide = size * 8;
  const fits =
    type.signBit < wide &&
    type.exponentBit + type.exponentBits <= wide &&
    type.mantissaBit + type.mantissaBits <= wide &&
    type.exponentBits > 0 &&
    type.exponentBits <= 32;
  if (fits) return type;
  throw damaged(context, { code: 'hdf5-datatype', what: `a float of ${size} bytes has fields outside them`, offset });
}

function timeType(_context: Context, at: Cursor, { bits, size }: Prefix): Hdf5Datatype {
  return { class: 'time', size, order: bits & 1 ? 'big' : 'little', precision: at.u16() };
}

function stringType(_context: Context, _at: Cursor, { bits, size }: Prefix): Hdf5Datatype {
  return { class: 'string', size, ...textOf(bits, bits >> 4) };
}

function textOf(padding: number, charset: number): { padding: StringPadding; charset: CharacterSet } {
  return {
    padding: paddings[padding & 0x0f] ?? 'null-terminated',
    charset: (charset & 0x0f) === 1 ? 'utf-8' : 'ascii',
  };
}

function opaqueType(_context: Context, at: Cursor, { bits, size }: Prefix): Hdf5Datatype {
  const tag = at.take(bits & 0xff);
  const end = tag.indexOf(0);
  return { class: 'opaque', size, tag: decodeText(end < 0 ? tag : tag.subarray(0, end)).text };
}

function compoundType(context: Context, at: Cursor, { bits, size, version, depth }: Prefix): Hdf5Datatype {
  const members: Hdf5CompoundMember[] = [];
  const offsetBytes = version < 3 ? 4 : bytesFor(size);
  for (let count = bits & 0xffff; count > 0; count -= 1) {
    const place = at.offset;
    const name = readName(at, version < 3);
    const offset = at.uint(offsetBytes);
    const shape = version === 1 ? readMemberShape(at) : [];
    const element = parseDatatype(context, at, depth + 1);
    const datatype = shape.length === 0 ? element : arrayOf(context, element, shape, place);
    if (offset + datatype.size > size) {
      throw damaged(context, {
        code: 'hdf5-datatype',
        what: `member “${name}” of a compound of ${size} bytes ends at ${offset + datatype.size}`,
        offset: place,
      });
    }
    members.push({ name, offset, datatype });
  }
  return { class: 'compound', size, members };
}

/** Version 1 keeps up to four axes in the member instead of an array datatype. */
function readMemberShape(at: Cursor): number[] {
  const rank = at.u8();
  at.skip(3 + 4 + 4); // reserved, permutation, reserved
  const sizes = [at.u32(), at.u32(), at.u32(), at.u32()];
  return sizes.slice(0, rank);
}

function referenceType(context: Context, _at: Cursor, { bits, size }: Prefix): Hdf5Datatype {
  const kind = bits & 0x0f;
  const target = referenceTargets[kind];
  if (target) return { class: 'reference', size, target, revised: kind > 1 };
  throw unsupported(context, { code: 'hdf5-datatype', what: `references of kind ${kind} are not known` });
}

function enumType(context: Context, at: Cursor, { bits, size, version, depth }: Prefix): Hdf5Datatype {
  const offset = at.offset;
  const base = parseDatatype(context, at, depth + 1);
  if (base.class !== 'integer' || base.size !== size) {
    throw damaged(context, { code: 'hdf5-datatype', what: 'an enumeration must be made of integers', offset });
  }
  const names: string[] = [];
  for (let count = bits & 0xffff; count > 0; count -= 1) names.push(readName(at, version < 3));
  const members: Hdf5EnumMember[] = names.map(name => ({ name, value: enumValue(at.take(size), base) }));
  return { class: 'enum', size, base, members };
}

function enumValue(bytes: Uint8Array, base: Hdf5IntegerType): number | bigint {
  let value = 0n;
  for (let index = 0; index < bytes.length; index += 1) {
    value = (value << 8n) | BigInt(bytes[base.order === 'big' ? index : bytes.length - 1 - index]!);
  }
  if (base.signed) value = BigInt.asIntN(bytes.length * 8, value);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function variableType(context: Context, at: Cursor, { bits, size, depth }: Prefix): Hdf5Datatype {
  const base = parseDatatype(context, at, depth + 1);
  if ((bits & 0x0f) === 1) return { class: 'variable-string', size, ...textOf(bits >> 4, bits >> 8) };
  return { class: 'variable', size, base };
}

function arrayType(context: Context, at: Cursor, { size, version, depth }: Prefix): Hdf5Datatype {
  const offset = at.offset;
  const rank = at.u8();
  if (version < 3) at.skip(3);
  const shape = Array.from({ length: rank }, () => at.u32());
  if (version < 3) at.skip(4 * rank);
  const array = arrayOf(context, parseDatatype(context, at, depth + 1), shape, offset);
  if (array.size === size) return array;
  throw damaged(context, {
    code: 'hdf5-datatype',
    what: `an array [${shape}] should have ${array.size} bytes, not ${size}`,
    offset,
  });
}

function arrayOf(context: Context, base: Hdf5Datatype, shape: readonly number[], offset: number): Hdf5Datatype {
  const size = shape.reduce((product, axis) => product * axis, base.size);
  if (size > 0 && size <= context.limits.valueBytes) return { class: 'array', size, base, shape };
  throw damaged(context, { code: 'hdf5-datatype', what: `an array [${shape}] has ${size} bytes`, offset });
}

function complexType(context: Context, at: Cursor, { size, depth }: Prefix): Hdf5Datatype {
  const offset = at.offset;
  const base = parseDatatype(context, at, depth + 1);
  if (base.size * 2 === size) return { class: 'complex', size, base };
  throw damaged(context, { code: 'hdf5-datatype', what: `a complex number of ${size} bytes is no pair`, offset });
}

/** A name that ends with a zero byte; in versions 1 and 2 padded to a multiple of eight. */
function readName(at: Cursor, padded: boolean): string {
  const start = at.position;
  const end = at.bytes.indexOf(0, start);
  const length = end < 0 ? at.remaining + 1 : end - start + 1; // too long by one: the read says that the end is missing
  const bytes = at.take(padded ? Math.ceil(length / 8) * 8 : length);
  return decodeText(bytes.subarray(0, length - 1)).text;
}

/** Bytes that an offset below `size` takes. */
function bytesFor(size: number): number {
  return size < 0x100 ? 1 : size < 0x1_0000 ? 2 : size < 0x100_0000 ? 3 : 4;
}
