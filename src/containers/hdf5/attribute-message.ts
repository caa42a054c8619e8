/** Attribute messages (specification IV.A.2.m): a name, a datatype, a dataspace and the value's bytes. Versions 1 to 3. */

import { type Context, cursorOver, damaged, parsing, report } from './context.ts';
import { type Dataspace, elementsOf, parseDataspace } from './dataspace.ts';
import { parseDatatype } from './datatype.ts';
import type { Hdf5Datatype } from './datatype-types.ts';
import { messageTypes } from './object-header.ts';
import { resolveShared } from './shared-message.ts';
import { decodeText } from './text.ts';

export interface RawAttribute {
  name: string;
  datatype: Hdf5Datatype;
  space: Dataspace;
  value: Uint8Array;
  /** Absolute offset of the message. */
  offset: number;
  valueOffset: number;
}

interface Parts {
  name: Uint8Array;
  version: number;
  flags: number;
  datatype: { bytes: Uint8Array; offset: number };
  space: { bytes: Uint8Array; offset: number };
  value: Uint8Array;
  valueOffset: number;
}

/** Only the name, which is enough to look for one attribute among many. */
export function attributeName(context: Context, data: Uint8Array, offset: number): string {
  return parsing(context, () => decodeText(split(context, data, offset).name).text);
}

/** Parses the message whose data lie at absolute `offset`. */
export async function readAttributeMessage(context: Context, data: Uint8Array, offset: number): Promise<RawAttribute> {
  const parts = parsing(context, () => split(context, data, offset));
  const { text: name, valid } = decodeText(parts.name);
  if (!valid) {
    report(context, 'warning', { code: 'hdf5-text', what: `the attribute name “${name}” is not UTF-8`, offset });
  }
  const typeBytes = await component(context, messageTypes.datatype, parts.datatype, (parts.flags & 1) !== 0);
  const spaceBytes = await component(context, messageTypes.dataspace, parts.space, (parts.flags & 2) !== 0);
  return parsing(context, () => {
    const datatype = parseDatatype(context, cursorOver(context, typeBytes.bytes, typeBytes.offset));
    const space = parseDataspace(context, cursorOver(context, spaceBytes.bytes, spaceBytes.offset));
    const needed = elementsOf(space) * datatype.size;
    if (needed > parts.value.byteLength) {
      throw damaged(context, {
        code: 'hdf5-attribute-size',
        what: `attribute “${name}” needs ${needed} bytes and has ${parts.value.byteLength}`,
        offset,
        facts: { attribute: name, needed, found: parts.value.byteLength },
      });
    }
    const value = parts.value.subarray(0, needed);
    return { name, datatype, space, value, offset, valueOffset: parts.valueOffset };
  });
}

function component(context: Context, type: number, part: { bytes: Uint8Array; offset: number }, isShared: boolean) {
  return isShared ? resolveShared(context, type, part.bytes, part.offset) : Promise.resolve(part);
}

function split(context: Context, data: Uint8Array, offset: number): Parts {
  const at = cursorOver(context, data, offset);
  const version = at.u8();
  if (version < 1 || version > 3) {
    throw damaged(context, {
      code: 'hdf5-attribute-version',
      what: `an attribute message of version ${version} is none`,
      offset,
      facts: { version },
    });
  }
  const flags = at.u8(); // version 1: reserved, zero
  const sizes = [at.u16(), at.u16(), at.u16()] as const;
  if (version === 3) at.skip(1); // character set of the name: names are decoded as UTF-8, which includes ASCII
  const field = (size: number) => {
    const start = at.offset;
    const bytes = at.take(size);
    if (version === 1) at.skip(Math.min(at.remaining, (8 - (size % 8)) % 8));
    return { bytes, offset: start };
  };
  const name = field(sizes[0]).bytes;
  const datatype = field(sizes[1]);
  const space = field(sizes[2]);
  const end = name.indexOf(0);
  const valueOffset = at.offset;
  return {
    name: end < 0 ? name : name.subarray(0, end),
    version,
    flags: version === 1 ? 0 : flags,
    datatype,
    space,
    value: at.take(at.remaining),
    valueOffset,
  };
}
