/**
 * Object header messages (HDF5 file format specification 3.0, section IV.A.2), as the writer needs them: datatypes,
 * dataspaces, fill value, contiguous layout, links and attributes.
 */

import { byteWriter } from '../../../bytes/byte-writer.ts';
import { LoadstoneError } from '../../../findings/errors.ts';
import type { AttributeValue, NumberType } from './tree.ts';

export const messageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  groupInfo: 0x0a,
  attribute: 0x0c,
} as const;

export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The address that means "none": all bits set (II.A). */
export const undefinedAddress = 0xffff_ffff_ffff_ffffn;

/** A message's size is held in two bytes (IV.A.1.b). */
const largestMessage = 0xffff;

const text = new TextEncoder();

/** Sign position, exponent position and size, mantissa size and exponent bias of the IEEE types and bfloat16. */
const floatLayouts: Partial<
  Record<NumberType, { size: number; exponent: [number, number]; mantissa: number; bias: number }>
> = {
  float16: { size: 2, exponent: [10, 5], mantissa: 10, bias: 15 },
  bfloat16: { size: 2, exponent: [7, 8], mantissa: 7, bias: 127 },
  float32: { size: 4, exponent: [23, 8], mantissa: 23, bias: 127 },
  float64: { size: 8, exponent: [52, 11], mantissa: 52, bias: 1023 },
};

function fixedPoint(size: number, signed: boolean): Uint8Array {
  return byteWriter()
    .raw([0x10, signed ? 0x08 : 0, 0, 0])
    .u32(size)
    .u16(0)
    .u16(size * 8)
    .done();
}

function floatingPoint(type: NumberType): Uint8Array {
  const { size, exponent, mantissa, bias } = floatLayouts[type] as NonNullable<(typeof floatLayouts)[NumberType]>;
  return byteWriter()
    .raw([0x11, 0x20, size * 8 - 1, 0])
    .u32(size)
    .u16(0)
    .u16(size * 8)
    .raw([exponent[0], exponent[1], 0, mantissa])
    .u32(bias)
    .done();
}

/** h5py's bool: an enumeration of int8 with FALSE and TRUE; names are padded to eight bytes in version 1. */
function booleanEnumeration(): Uint8Array {
  return byteWriter()
    .raw([0x18, 2, 0, 0])
    .u32(1)
    .raw(fixedPoint(1, true))
    .raw(text.encode('FALSE\0\0\0TRUE\0\0\0\0'))
    .raw([0, 1])
    .done();
}

export function numberDatatype(type: NumberType): Uint8Array {
  if (type === 'bool') return booleanEnumeration();
  if (floatLayouts[type]) return floatingPoint(type);
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 8);
  return fixedPoint(bits / 8, type.startsWith('int'));
}

function fixedTextDatatype(length: number): Uint8Array {
  return byteWriter().raw([0x13, 0x01, 0, 0]).u32(length).done();
}

/** A variable-length string: sequence of bytes, terminated by zero; the second flag byte is the character set. */
function variableTextDatatype(ascii: boolean): Uint8Array {
  return byteWriter()
    .raw([0x19, 0x01, ascii ? 0 : 1, 0])
    .u32(16)
    .raw(fixedPoint(1, false))
    .done();
}

/** Version 2: rank, no maximal sizes, and the kind: 0 for a scalar, 1 for sizes. */
export function dataspace(shape: readonly number[]): Uint8Array {
  const writer = byteWriter().raw([2, shape.length, 0, shape.length === 0 ? 0 : 1]);
  for (const size of shape) writer.u64(size);
  return writer.done();
}

/** Version 3, allocated late, written only if set: what h5py asks for. */
export const fillValue = Uint8Array.of(3, 0x0a);

export function contiguousLayout(address: number, byteLength: number): Uint8Array {
  return byteWriter()
    .raw([3, 1])
    .u64(byteLength === 0 ? undefinedAddress : address)
    .u64(byteLength)
    .done();
}

/** No creation order, all links in the header itself. */
export const linkInfo = byteWriter().raw([0, 0]).u64(undefinedAddress).u64(undefinedAddress).done();

export const groupInfo = Uint8Array.of(0, 0);

export function link(name: string, address: number): Uint8Array {
  const encoded = text.encode(name);
  return byteWriter().raw([1, 0x11, 1]).u16(encoded.length).raw(encoded).u64(address).done();
}

/** Where the strings of attributes lie: hands out a reference into the global heap for each. */
export type PlaceText = (encoded: Uint8Array) => { readonly address: number; readonly index: number };

interface AttributeBody {
  readonly datatype: Uint8Array;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

function attributeBody(value: AttributeValue, place: PlaceText): AttributeBody {
  switch (value.kind) {
    case 'numbers':
      return { datatype: numberDatatype(value.dtype), shape: value.shape, data: value.bytes };
    case 'text':
      return { datatype: variableTextDatatype(value.ascii ?? false), shape: [], data: references([value.text], place) };
    case 'texts':
      return {
        datatype: variableTextDatatype(value.ascii ?? false),
        shape: [value.texts.length],
        data: references(value.texts, place),
      };
    case 'fixed-texts':
      return fixedTexts(value.texts);
  }
}

function references(texts: readonly string[], place: PlaceText): Uint8Array {
  const writer = byteWriter();
  for (const item of texts) {
    const encoded = text.encode(item);
    const { address, index } = place(encoded);
    writer.u32(encoded.length).u64(address).u32(index);
  }
  return writer.done();
}

function fixedTexts(texts: readonly string[]): AttributeBody {
  const encoded = texts.map(item => text.encode(item));
  const length = Math.max(1, ...encoded.map(item => item.length));
  const data = new Uint8Array(length * texts.length);
  encoded.forEach((item, index) => {
    data.set(item, index * length);
  });
  return { datatype: fixedTextDatatype(length), shape: [texts.length], data };
}

/** Version 3, whose name carries a character set. Throws `unsupported` past the 64 KB that a message can hold. */
export function attribute(name: string, value: AttributeValue, place: PlaceText): Message {
  const { datatype, shape, data } = attributeBody(value, place);
  const space = dataspace(shape);
  const encodedName = text.encode(`${name}\0`);
  const body = byteWriter()
    .raw([3, 0])
    .u16(encodedName.length)
    .u16(datatype.length)
    .u16(space.length)
    .u8(1)
    .raw(encodedName)
    .raw(datatype)
    .raw(space)
    .raw(data)
    .done();
  if (body.length > largestMessage) {
    throw new LoadstoneError('unsupported', `attribute "${name}" takes ${body.length} bytes, HDF5 allows 65,535`, {
      do: 'Split it into name0, name1 and so on, as Keras does.',
    });
  }
  return { type: messageType.attribute, body };
}
