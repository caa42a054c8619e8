/** The attributes of an object: those in its header, and those in its heap of dense attributes. */

import { attributeName, type RawAttribute, readAttributeMessage } from './attribute-message.ts';
import { type Context, cursorOver, findingFrom, parsing } from './context.ts';
import { denseMessages } from './dense.ts';
import { dtypeOf } from './element-types.ts';
import { messageTypes, type ObjectHeader } from './object-header.ts';
import { resolveShared, sharedFlag } from './shared-message.ts';
import type { Hdf5Attribute, Hdf5AttributeValue } from './types.ts';
import { decodeValues, scalarOf } from './values.ts';

interface Candidate {
  name: string;
  data: Uint8Array;
  offset: number;
}

/** All attributes in the file's order. Those that cannot be read are reported and left out. */
export async function readAttributes(context: Context, header: ObjectHeader): Promise<Map<string, Hdf5Attribute>> {
  const attributes = new Map<string, Hdf5Attribute>();
  for (const candidate of await candidates(context, header)) {
    try {
      const attribute = await readAttribute(context, candidate);
      if (!attributes.has(attribute.name)) attributes.set(attribute.name, attribute);
    } catch (error) {
      findingFrom(context, error);
    }
  }
  return attributes;
}

/** The attribute `name`, or null. Throws `damaged` where it is there and cannot be read. */
export async function findAttribute(
  context: Context,
  header: ObjectHeader,
  name: string,
): Promise<Hdf5Attribute | null> {
  const found = (await candidates(context, header)).find(candidate => candidate.name === name);
  return found ? readAttribute(context, found) : null;
}

async function candidates(context: Context, header: ObjectHeader): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const add = (data: Uint8Array, offset: number) => {
    try {
      found.push({ name: attributeName(context, data, offset), data, offset });
    } catch (error) {
      findingFrom(context, error);
    }
  };
  for (const message of header.messages) {
    if (message.type !== messageTypes.attribute) continue;
    const { data, offset } = message;
    if ((message.flags & sharedFlag) === 0) {
      add(data, offset);
      continue;
    }
    try {
      const shared = await resolveShared(context, message.type, data, offset);
      add(shared.bytes, shared.offset);
    } catch (error) {
      findingFrom(context, error);
    }
  }
  for (const { bytes, offset } of await denseAttributes(context, header)) add(bytes, offset);
  return found;
}

/** Attribute info (specification IV.A.2.v) says where dense attributes lie. */
async function denseAttributes(context: Context, header: ObjectHeader) {
  const info = header.messages.find(message => message.type === messageTypes.attributeInfo);
  if (!info) return [];
  try {
    const { heap, index, order } = parsing(context, () => {
      const at = cursorOver(context, info.data, info.offset);
      at.skip(1);
      const flags = at.u8();
      if (flags & 1) at.skip(2);
      const heapAddress = at.uintOrNull(context.offsetSize);
      const nameIndex = at.uintOrNull(context.offsetSize);
      return { heap: heapAddress, index: nameIndex, order: flags & 2 ? at.uintOrNull(context.offsetSize) : null };
    });
    return heap === null
      ? []
      : await denseMessages(context, heap, { names: index, order }, 'attributes', error => findingFrom(context, error));
  } catch (error) {
    findingFrom(context, error);
    return [];
  }
}

async function readAttribute(context: Context, candidate: Candidate): Promise<Hdf5Attribute> {
  const raw = await readAttributeMessage(context, candidate.data, candidate.offset);
  const rawStrings: Uint8Array[] = [];
  const value = await attributeValue(context, raw, rawStrings);
  return {
    name: raw.name,
    shape: raw.space.shape,
    datatype: raw.datatype,
    dtype: dtypeOf(raw.datatype),
    value,
    offset: raw.offset,
    valueOffset: raw.valueOffset,
    valueLength: raw.value.byteLength,
    ...(rawStrings.length > 0 && { rawStrings }),
  };
}

async function attributeValue(
  context: Context,
  raw: RawAttribute,
  rawStrings: Uint8Array[],
): Promise<Hdf5AttributeValue> {
  const { shape } = raw.space;
  if (shape === null) return null;
  // A copy: the bytes are part of a cached block, and the value is the caller's.
  const bytes = { bytes: raw.value.slice(), offset: raw.valueOffset, rawStrings };
  const value = await decodeValues(context, raw.datatype, shape, bytes);
  if (value.dtype === null) return value;
  if (value.shape.length === 0) {
    const scalar = scalarOf(value);
    return typeof scalar === 'object' ? value : scalar;
  }
  return value.dtype === 'string' && value.shape.length === 1 ? (value.data as string[]) : value;
}
