/**
 * Writes protobuf messages by their definitions, on the wire writer of @bufbuild/protobuf. Fields are written in the
 * order of the definition, numbers packed, proto3 scalars left out when they are zero.
 */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { entryMessage, wireTypeOf } from './decode.ts';
import type { Field, Message, ScalarType } from './schema.ts';
import { zeroOf } from './schema.ts';

/** What `encode` takes: as decoded, but every field may be left out, at every depth. */
export type Draft<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? readonly Draft<U>[]
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<K, Draft<V>>
      : T extends object
        ? { readonly [K in keyof T]?: Draft<T[K]> }
        : T;

/** Encodes one message. Numbers out of a field's range throw as the wire library does. */
export function encode<T>(message: Message<T>, value: Draft<T>): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(message, value as Readonly<Record<string, unknown>>, writer);
  return writer.finish();
}

function writeMessage<T>(message: Message<T>, value: Readonly<Record<string, unknown>>, writer: BinaryWriter): void {
  for (const field of message.fields) {
    const held = value[field.name];
    if (held === undefined) continue;
    if (field.cardinality === 'repeated') writeList(field, held as readonly unknown[], writer);
    else if (field.cardinality === 'map') {
      for (const [key, entry] of held as ReadonlyMap<unknown, unknown>) {
        writer.tag(field.number, WireType.LengthDelimited).fork();
        writeMessage(entryMessage(field), { key, value: entry }, writer);
        writer.join();
      }
    } else if (field.cardinality === 'optional' || !isZero(field, held)) writeOne(field, held, writer);
  }
}

function isZero({ type }: Field, value: unknown): boolean {
  if (typeof type !== 'string') return false;
  if (type === 'bytes') return (value as Uint8Array).byteLength === 0;
  return Object.is(value, zeroOf(type));
}

function writeOne(field: Field, value: unknown, writer: BinaryWriter): void {
  writer.tag(field.number, wireTypeOf(field));
  if (typeof field.type === 'string') writeScalar(field.type, value, writer);
  else {
    writer.fork();
    writeMessage(field.type(), value as Readonly<Record<string, unknown>>, writer);
    writer.join();
  }
}

function writeList(field: Field, list: readonly unknown[], writer: BinaryWriter): void {
  const { type } = field;
  if (typeof type !== 'string' || type === 'string' || type === 'bytes') {
    for (const value of list) writeOne(field, value, writer);
  } else if (list.length > 0) {
    writer.tag(field.number, WireType.LengthDelimited).fork();
    for (const value of list) writeScalar(type, value, writer);
    writer.join();
  }
}

function writeScalar(type: ScalarType, value: unknown, writer: BinaryWriter): void {
  switch (type) {
    case 'string':
      return void writer.string(value as string);
    case 'bytes':
      return void writer.bytes(value as Uint8Array);
    case 'bool':
      return void writer.bool(value as boolean);
    case 'int32':
    case 'enum':
      return void writer.int32(value as number);
    case 'uint32':
      return void writer.uint32(value as number);
    case 'int64':
    case 'size64':
      return void writer.int64(value as bigint | number);
    case 'uint64':
      return void writer.uint64(value as bigint);
    case 'sint64':
      return void writer.sint64(value as bigint);
    case 'fixed32':
      return void writer.fixed32(value as number);
    case 'fixed64':
      return void writer.fixed64(value as bigint);
    case 'float':
      return void writer.float(value as number);
    case 'double':
      return void writer.double(value as number);
  }
}
