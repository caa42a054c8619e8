/** The links of a group, of the old format (symbol table) or the new (link messages, dense links). */

import { type Context, cursorOver, damaged, findingFrom, type Lost, parsing, report } from './context.ts';
import { denseMessages } from './dense.ts';
import { messageTypes, type ObjectHeader } from './object-header.ts';
import { readSymbolTable } from './symbol-table.ts';
import { compareText, decodeText } from './text.ts';
import type { Hdf5Link } from './types.ts';

export interface LinksRead {
  links: readonly Hdf5Link[];
  byName: ReadonlyMap<string, Hdf5Link>;
  /** The first damage for which links may be missing; it was also reported. */
  damage: unknown;
}

/** All links, in creation order where the group tracks it, else by name. A name that stands twice counts once. */
export async function readLinks(context: Context, header: ObjectHeader): Promise<LinksRead> {
  const found: Hdf5Link[] = [];
  let damage: unknown;
  const lost: Lost = error => {
    findingFrom(context, error);
    damage ??= error;
  };
  for (const { data, offset, type } of header.messages) {
    try {
      if (type === messageTypes.link) found.push(parsing(context, () => parseLink(context, data, offset)));
      if (type === messageTypes.symbolTable) found.push(...(await symbolLinks(context, data, offset, lost)));
      if (type === messageTypes.linkInfo) found.push(...(await denseLinks(context, data, offset, lost)));
    } catch (error) {
      lost(error);
    }
  }
  const byName = new Map<string, Hdf5Link>();
  for (const link of found) if (!byName.has(link.name)) byName.set(link.name, link);
  return { links: inOrder([...byName.values()]), byName, damage };
}

function inOrder(links: Hdf5Link[]): Hdf5Link[] {
  const tracked = links.length > 0 && links.every(link => link.creationOrder !== undefined);
  if (tracked) return links.sort((a, b) => a.creationOrder! - b.creationOrder!);
  return links.sort((a, b) => compareText(a.name, b.name));
}

function symbolLinks(context: Context, data: Uint8Array, offset: number, lost: Lost): Promise<Hdf5Link[]> {
  const at = cursorOver(context, data, offset);
  const table = parsing(context, () => ({ btree: at.uint(context.offsetSize), heap: at.uint(context.offsetSize) }));
  return readSymbolTable(context, table.btree, table.heap, lost);
}

/** Link info (specification IV.A.2.c) says where dense links lie. */
async function denseLinks(context: Context, data: Uint8Array, offset: number, lost: Lost): Promise<Hdf5Link[]> {
  const { heap, names, order } = parsing(context, () => {
    const at = cursorOver(context, data, offset);
    at.skip(1);
    const flags = at.u8();
    if (flags & 1) at.skip(8);
    const heapAddress = at.uintOrNull(context.offsetSize);
    const nameIndex = at.uintOrNull(context.offsetSize);
    return { heap: heapAddress, names: nameIndex, order: flags & 2 ? at.uintOrNull(context.offsetSize) : null };
  });
  const links: Hdf5Link[] = [];
  if (heap === null) return links;
  for (const message of await denseMessages(context, heap, { names, order }, 'links', lost)) {
    try {
      links.push(parsing(context, () => parseLink(context, message.bytes, message.offset)));
    } catch (error) {
      lost(error);
    }
  }
  return links;
}

/** A link message (specification IV.A.2.g). */
function parseLink(context: Context, data: Uint8Array, offset: number): Hdf5Link {
  const at = cursorOver(context, data, offset);
  const version = at.u8();
  if (version !== 1) {
    throw damaged(context, { code: 'hdf5-link', what: `a link message of version ${version} is none`, offset });
  }
  const flags = at.u8();
  const type = flags & 0x08 ? at.u8() : 0;
  const creationOrder = flags & 0x04 ? at.u64() : undefined;
  if (flags & 0x10) at.skip(1); // character set: UTF-8 includes ASCII
  const { text: name, valid } = decodeText(at.take(at.uint(1 << (flags & 3))));
  if (!valid) report(context, 'warning', { code: 'hdf5-text', what: `the link name “${name}” is not UTF-8`, offset });
  if (type === 0) return { kind: 'hard', name, offset: context.base + at.uint(context.offsetSize), creationOrder };
  const value = at.take(at.u16());
  if (type === 1) return { kind: 'soft', name, target: decodeText(value).text, creationOrder };
  if (type !== 64) return { kind: 'user', name, type, creationOrder };
  return { kind: 'external', name, creationOrder, ...externalTarget(value) };
}

/** The value of an external link: version and flags, then file and object, each ended by a zero byte. */
function externalTarget(value: Uint8Array): { file: string; target: string } {
  const [file = '', target = ''] = decodeText(value.subarray(1)).text.split('\0');
  return { file, target };
}
