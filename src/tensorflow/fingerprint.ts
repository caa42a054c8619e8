/**
 * The checksum that TensorFlow has written beside a SavedModel since 2.12 (`fingerprint.pb`): Fingerprint64 of
 * `saved_model.pb` in its deterministic form, which is the file with the entries of every map in the order of
 * their keys (tensorflow/core/util/../saved_model/fingerprinting.cc; found to hold for releases 2.12 to 2.21).
 */

import { fingerprintBytes } from '../numbers/hashes/fingerprint-bytes.ts';

/** What a field holds: a message of a type with maps somewhere below it, or a map to such (null: to anything else). */
type FieldKind = string | { readonly map: string | null };

const map = (of: string | null): FieldKind => ({ map: of });

/** Messages that hold maps, by field number; all other fields are copied as they are. */
const types: Readonly<Record<string, Readonly<Record<number, FieldKind>>>> = {
  SavedModel: { 2: 'MetaGraphDef' },
  MetaGraphDef: {
    1: 'MetaInfoDef',
    2: 'GraphDef',
    4: map(null),
    5: map('SignatureDef'),
    7: 'SavedObjectGraph',
  },
  MetaInfoDef: { 2: 'OpList', 8: map(null) },
  OpList: { 1: 'OpDef' },
  OpDef: { 4: 'AttrDef' },
  AttrDef: { 3: 'AttrValue', 7: 'AttrValue' },
  GraphDef: { 1: 'NodeDef', 2: 'FunctionDefLibrary' },
  NodeDef: { 5: map('AttrValue') },
  AttrValue: { 1: 'ListValue', 10: 'NameAttrList' },
  ListValue: { 9: 'NameAttrList' },
  NameAttrList: { 2: map('AttrValue') },
  FunctionDefLibrary: { 1: 'FunctionDef' },
  FunctionDef: {
    1: 'OpDef',
    3: 'NodeDef',
    4: map(null),
    5: map('AttrValue'),
    6: map(null),
    7: map('ArgAttrs'),
    8: map(null),
  },
  ArgAttrs: { 1: map('AttrValue') },
  SignatureDef: { 1: map(null), 2: map(null), 4: map(null) },
  SavedObjectGraph: { 1: 'SavedObject', 2: map('SavedConcreteFunction') },
  SavedObject: { 6: 'SavedFunction', 8: 'BareConcreteFunction', 11: map(null) },
  SavedFunction: { 2: 'FunctionSpec' },
  BareConcreteFunction: { 4: 'FunctionSpec' },
  FunctionSpec: { 1: 'StructuredValue', 2: 'StructuredValue', 5: 'StructuredValue' },
  SavedConcreteFunction: { 3: 'StructuredValue', 4: 'StructuredValue' },
  StructuredValue: { 34: 'TypeSpec', 51: 'Values', 52: 'Values', 53: 'DictValue', 54: 'NamedTuple' },
  TypeSpec: { 2: 'StructuredValue' },
  Values: { 1: 'StructuredValue' },
  DictValue: { 1: map('StructuredValue') },
  NamedTuple: { 2: 'Pair' },
  Pair: { 2: 'StructuredValue' },
};

/** Nesting that is followed; real graphs stay under 30. */
const maxDepth = 100;

/** Fingerprint64 of a `saved_model.pb`, to compare with `saved_model_checksum`. Throws where the bytes are no message. */
export function savedModelChecksum(file: Uint8Array): bigint {
  // Sorting moves entries about in the bytes of their own map and changes no length.
  const sorted = file.slice();
  sortMaps({ bytes: sorted, position: 0 }, sorted.length, 'SavedModel', 0);
  return fingerprintBytes(sorted);
}

interface Cursor {
  readonly bytes: Uint8Array;
  position: number;
}

/** One entry of a map: where it lies, tag included, and its key. */
interface Entry {
  readonly start: number;
  readonly end: number;
  readonly key: Uint8Array | number;
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.bytes[cursor.position++];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('a varint that does not end');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

/** Skips what follows a tag; gives where the body begins. */
function skipField(cursor: Cursor, wire: number): number {
  if (wire === 0) varint(cursor);
  else if (wire === 1) cursor.position += 8;
  else if (wire === 5) cursor.position += 4;
  else if (wire !== 2) throw new RangeError(`wire type ${wire}`);
  else {
    const length = varint(cursor);
    const body = cursor.position;
    cursor.position += length;
    return body;
  }
  return cursor.position;
}

/** Sorts the maps of the message that ends at `end`, innermost first. */
function sortMaps(cursor: Cursor, end: number, type: string, depth: number): void {
  if (depth > maxDepth || end > cursor.bytes.length) throw new RangeError('messages nested too deep');
  const kinds = types[type]!;
  let entries: Entry[] = [];
  let current = -1;
  while (cursor.position < end) {
    const start = cursor.position;
    const tag = varint(cursor);
    const kind = kinds[tag >>> 3];
    if (tag >>> 3 !== current) {
      arrange(entries, cursor.bytes);
      entries = [];
      current = tag >>> 3;
    }
    const body = skipField(cursor, tag & 7);
    const after = cursor.position;
    if (after > end) throw new RangeError('a field runs past its message');
    if (kind === undefined || (tag & 7) !== 2) continue;
    cursor.position = body;
    if (typeof kind === 'string') sortMaps(cursor, after, kind, depth + 1);
    else entries.push({ start, end: after, key: sortEntry(cursor, after, kind.map, depth + 1) });
    cursor.position = after;
  }
  arrange(entries, cursor.bytes);
}

/** Sorts inside the value of an entry; gives its key. */
function sortEntry(cursor: Cursor, end: number, type: string | null, depth: number): Uint8Array | number {
  let key: Uint8Array | number = new Uint8Array(0);
  while (cursor.position < end) {
    const tag = varint(cursor);
    const from = cursor.position;
    const body = skipField(cursor, tag & 7);
    const after = cursor.position;
    if (tag >>> 3 === 1) {
      key = (tag & 7) === 2 ? cursor.bytes.slice(body, after) : varint({ bytes: cursor.bytes, position: from });
    } else if (type !== null && (tag & 7) === 2) {
      cursor.position = body;
      sortMaps(cursor, after, type, depth);
    }
    cursor.position = after;
  }
  return key;
}

function arrange(entries: readonly Entry[], bytes: Uint8Array): void {
  const sorted = [...entries].sort((a, b) => compareKeys(a.key, b.key));
  if (sorted.every((entry, at) => entry === entries[at])) return;
  const copies = sorted.map(({ start, end }) => bytes.slice(start, end));
  let at = entries[0]!.start;
  for (const copy of copies) {
    bytes.set(copy, at);
    at += copy.length;
  }
}

function compareKeys(a: Entry['key'], b: Entry['key']): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
