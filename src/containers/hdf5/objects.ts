/** Opens the object whose header lies at a file address, as a group, a dataset or a named datatype. */

import { findAttribute, readAttributes } from './attributes.ts';
import { type Context, cursorOver, damaged, during, parsing, shareOnce } from './context.ts';
import { openDataset } from './dataset.ts';
import { parseDatatype } from './datatype.ts';
import { openGroup } from './group.ts';
import { messageOf } from './layout.ts';
import { messageTypes, type ObjectHeader, readObjectHeader } from './object-header.ts';
import type { Hdf5NamedType, Hdf5Object, Hdf5ObjectBase } from './types.ts';

/** Opens the object at absolute `offset`. Throws `damaged` where its header cannot be read or says nothing it could be. */
export async function openObject(context: Context, offset: number): Promise<Hdf5Object> {
  const header = await shareOnce(context, `header ${offset}`, lasting =>
    readObjectHeader(lasting, offset - context.base),
  );
  const has = (type: number) => header.messages.some(message => message.type === type);
  if (has(messageTypes.symbolTable) || has(messageTypes.linkInfo)) return openGroup(context, header);
  if (has(messageTypes.datatype) && has(messageTypes.dataspace)) return openDataset(context, header);
  if (has(messageTypes.datatype)) return openNamedType(context, header);
  throw damaged(context, {
    code: 'hdf5-object-type',
    what: 'the object header has no messages of a group, a dataset or a datatype',
    offset,
    facts: { messages: header.messages.map(message => message.type) },
  });
}

/** What every object offers, whatever it is. */
export function objectBase(context: Context, header: ObjectHeader): Hdf5ObjectBase {
  return {
    path: context.path,
    offset: header.offset,
    messages: header.messages.map(({ type, flags, offset, data }) => ({
      type,
      flags,
      offset,
      length: data.byteLength,
    })),
    attributes: async options => readAttributes(during(context, options), header),
    attribute: async (name, options) => findAttribute(during(context, options), header, name),
  };
}

async function openNamedType(context: Context, header: ObjectHeader): Promise<Hdf5NamedType> {
  const message = await messageOf(context, header, messageTypes.datatype);
  const datatype = parsing(context, () => parseDatatype(context, cursorOver(context, message!.data, message!.offset)));
  return { kind: 'datatype', ...objectBase(context, header), datatype };
}
