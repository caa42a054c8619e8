/**
 * Reads protobuf messages by their definitions, on the wire reader of @bufbuild/protobuf. Bytes fields are views of the
 * input, not copies. Depth and the number of values are bounded, so that a hostile message can neither exhaust the stack
 * nor memory: every value costs at least one byte of input, and empty messages are counted.
 * Wire format: protobuf.dev/programming-guides/encoding.
 */

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { isLoadstoneError, LoadstoneError } from '../../findings/errors.ts';
import type { Cardinality, Field, Message, ScalarType } from './schema.ts';
import { zeroOf } from './schema.ts';

export interface DecodeOptions {
  /** What the bytes are called in messages: a file, a path inside it. */
  where?: string;
  /** Added to offsets in messages: where `bytes` begins in the file. */
  offset?: number;
  /** Nesting of messages that is followed. Real files stay under 30. */
  maxDepth?: number;
  /** Values (of any kind, packed ones apart) that are kept in all. A 100 MB graph has about ten million. */
  maxValues?: number;
}

interface Decoding {
  reader: BinaryReader;
  where: string | undefined;
  base: number;
  maxDepth: number;
  left: number;
}

type Values = Record<string, unknown>;

/**
 * Decodes one message. Unknown fields are skipped; a field that occurs twice is merged as protobuf says.
 * Throws `LoadstoneError` `damaged` with the offset where the bytes cannot be this message, `limit` past the bounds.
 */
export function decode<T>(message: Message<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const decoding: Decoding = {
    reader: new BinaryReader(bytes),
    where: options.where,
    base: options.offset ?? 0,
    maxDepth: options.maxDepth ?? 100,
    left: options.maxValues ?? 50_000_000,
  };
  const into = emptyOf(planOf(message));
  try {
    decodeInto(message, into, bytes.byteLength, decoding, 0);
  } catch (error) {
    throw isLoadstoneError(error) ? error : damaged(message, decoding, error);
  }
  return into as T;
}

/** A definition made ready for decoding. */
interface Plan {
  readonly fields: readonly (FieldPlan | undefined)[];
  /** The message when nothing of it is on the wire; lists and maps are made anew for each. */
  readonly blank: Readonly<Values>;
  readonly lists: readonly string[];
  readonly maps: readonly string[];
}

interface FieldPlan {
  readonly field: Field;
  readonly wire: WireType;
}

const plans = new WeakMap<Message<unknown>, Plan>();

function planOf(message: Message<unknown>): Plan {
  const known = plans.get(message);
  if (known) return known;
  const fields: (FieldPlan | undefined)[] = [];
  const blank: Values = {};
  for (const field of message.fields) {
    fields[field.number] = { field, wire: wireTypeOf(field) };
    const isScalar = field.cardinality === 'one' && typeof field.type === 'string';
    blank[field.name] = isScalar ? zeroOf(field.type as ScalarType) : undefined;
  }
  const named = (kind: Cardinality) => message.fields.filter(of => of.cardinality === kind).map(of => of.name);
  const plan = { fields, blank, lists: named('repeated'), maps: named('map') };
  plans.set(message, plan);
  return plan;
}

function emptyOf({ blank, lists, maps }: Plan): Values {
  const values: Values = { ...blank };
  for (const name of lists) values[name] = [];
  for (const name of maps) values[name] = new Map();
  return values;
}

function decodeInto<T>(message: Message<T>, into: Values, end: number, decoding: Decoding, depth: number): void {
  const { reader } = decoding;
  const { fields } = planOf(message);
  if (depth > decoding.maxDepth)
    throw tooMuch(message, decoding, `messages nested more than ${decoding.maxDepth} deep`);
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const plan = fields[number];
    if (plan === undefined || !fits(plan, wire)) reader.skip(wire, number);
    else decodeField(message, plan.field, wire, into, decoding, depth);
    if (reader.pos > end) throw damaged(message, decoding, new RangeError(`field ${number} runs past its end`));
  }
}

function decodeField<T>(
  message: Message<T>,
  field: Field,
  wire: WireType,
  into: Values,
  decoding: Decoding,
  depth: number,
): void {
  if (--decoding.left < 0) throw tooMuch(message, decoding, 'more values than any real file holds');
  const { type, name } = field;
  if (field.cardinality === 'map') decodeEntry(field, into[name] as Map<unknown, unknown>, decoding, depth);
  else if (field.cardinality === 'repeated') {
    const list = into[name] as unknown[];
    if (typeof type === 'string') decodeScalars(type, wire, list, decoding);
    else list.push(decodeMessage(type(), undefined, decoding, depth));
  } else if (typeof type === 'string') into[name] = readScalar(type, decoding);
  else into[name] = decodeMessage(type(), into[name] as Values | undefined, decoding, depth);
}

function decodeMessage<T>(message: Message<T>, into: Values | undefined, decoding: Decoding, depth: number): Values {
  const end = endOfLengthDelimited(message, decoding);
  const values = into ?? emptyOf(planOf(message));
  decodeInto(message, values, end, decoding, depth + 1);
  return values;
}

/** Appends one value, or all of a packed run. */
function decodeScalars(type: ScalarType, wire: WireType, list: unknown[], decoding: Decoding): void {
  if (wire !== WireType.LengthDelimited || type === 'string' || type === 'bytes') {
    list.push(readScalar(type, decoding));
    return;
  }
  const { reader } = decoding;
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError('a packed list runs past the end');
  while (reader.pos < end) list.push(readScalar(type, decoding));
  if (reader.pos !== end) throw new RangeError('a packed list ends inside a value');
}

function decodeEntry(field: Field, into: Map<unknown, unknown>, decoding: Decoding, depth: number): void {
  const entry = entryMessage(field);
  const { key, value } = decodeMessage(entry, undefined, decoding, depth);
  into.set(key, value ?? (typeof field.type === 'string' ? zeroOf(field.type) : emptyOf(planOf(field.type()))));
}

const entries = new WeakMap<Field, Message<unknown>>();

/** A map is on the wire a repeated message of key (1) and value (2). */
export function entryMessage(field: Field): Message<unknown> {
  let entry = entries.get(field);
  if (entry === undefined) {
    const key: Field = { name: 'key', number: 1, type: field.key!, cardinality: 'one' };
    const value: Field = { name: 'value', number: 2, type: field.type, cardinality: 'one' };
    entry = {
      name: `${field.name} entry`,
      fields: [key, value],
      byNumber: new Map([
        [1, key],
        [2, value],
      ]),
    };
    entries.set(field, entry);
  }
  return entry;
}

function endOfLengthDelimited<T>(message: Message<T>, decoding: Decoding): number {
  const { reader } = decoding;
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw damaged(message, decoding, new RangeError('its length runs past the end'));
  return end;
}

function readScalar(type: ScalarType, { reader }: Decoding): unknown {
  switch (type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'bool':
      return reader.bool();
    case 'int32':
    case 'enum':
      return reader.int32();
    case 'uint32':
      return reader.uint32();
    case 'int64':
      return BigInt(reader.int64());
    case 'uint64':
      return BigInt(reader.uint64());
    case 'sint64':
      return BigInt(reader.sint64());
    case 'size64':
      return asSafeNumber(reader.int64());
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return BigInt(reader.fixed64());
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
  }
}

function asSafeNumber(value: bigint | string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is larger than any size or offset`);
  return number;
}

const wireTypes: Readonly<Record<ScalarType, WireType>> = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  bool: WireType.Varint,
  int32: WireType.Varint,
  uint32: WireType.Varint,
  enum: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  sint64: WireType.Varint,
  size64: WireType.Varint,
  fixed32: WireType.Bit32,
  fixed64: WireType.Bit64,
  float: WireType.Bit32,
  double: WireType.Bit64,
};

/** How one value of a field lies on the wire. */
export function wireTypeOf(field: Field): WireType {
  if (typeof field.type !== 'string' || field.cardinality === 'map') return WireType.LengthDelimited;
  return wireTypes[field.type];
}

/** A field with another wire type than its definition is treated as unknown, as protobuf's own parsers do. */
function fits({ field, wire: expected }: FieldPlan, wire: WireType): boolean {
  if (expected === wire) return true;
  return wire === WireType.LengthDelimited && field.cardinality === 'repeated';
}

function damaged<T>(message: Message<T>, decoding: Decoding, cause: unknown): LoadstoneError {
  const offset = decoding.base + Math.min(decoding.reader.pos, decoding.reader.len);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LoadstoneError('damaged', `These bytes are no valid ${message.name} message: ${why}`, {
    where: decoding.where ? `${decoding.where}, byte ${offset}` : `byte ${offset}`,
    offset,
    do: 'The file is damaged or cut short: take it again from where it came.',
    cause,
  });
}

function tooMuch<T>(message: Message<T>, decoding: Decoding, what: string): LoadstoneError {
  const offset = decoding.base + decoding.reader.pos;
  const where = decoding.where ? `${decoding.where}, byte ${offset}` : `byte ${offset}`;
  return new LoadstoneError('limit', `A ${message.name} message holds ${what}`, { where, offset });
}
