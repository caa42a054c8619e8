/**
 * Protobuf message definitions as plain data, with TypeScript types inferred from them. A definition lists only the
 * fields in use; whatever else a message carries is skipped when it is read. Field numbers and types come from the
 * published `.proto` files of the format at hand.
 *
 * A message that refers to itself needs its TypeScript interface written out, which breaks the circle:
 * `export const Tree: Message<Tree> = defineMessage('Tree', { children: repeated(1, () => Tree) })`.
 */

/** What a scalar field becomes. `size64` is an int64 that must fit a JavaScript number, such as an offset or a dim. */
export interface ScalarTypes {
  string: string;
  bytes: Uint8Array;
  bool: boolean;
  int32: number;
  uint32: number;
  /** An int32 whose values have names in the `.proto`. */
  enum: number;
  int64: bigint;
  uint64: bigint;
  /** Zigzag: small negative numbers stay short. */
  sint64: bigint;
  size64: number;
  fixed32: number;
  fixed64: bigint;
  float: number;
  double: number;
}

export type ScalarType = keyof ScalarTypes;

/** A definition of messages whose decoded form is `T`. */
export interface Message<T> {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** Never set; carries the type. */
  readonly value?: T;
}

// biome-ignore lint/suspicious/noExplicitAny: a field may hold any message; the type is recovered by FieldOf.
export type FieldType = ScalarType | (() => Message<any>);

export type Cardinality = 'one' | 'optional' | 'repeated' | 'map';

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly cardinality: Cardinality;
  /** Key type of a map. */
  readonly key?: ScalarType;
}

/** A field before it has a name; `V` is what it decodes to. */
export interface FieldOf<V> extends Omit<Field, 'name'> {
  readonly value?: V;
}

type ValueOf<F extends FieldType> = F extends ScalarType
  ? ScalarTypes[F]
  : F extends () => Message<infer T>
    ? T
    : never;

type Singular<F extends FieldType> = F extends ScalarType ? ScalarTypes[F] : ValueOf<F> | undefined;

type Decoded<Fields> = { [K in keyof Fields]: Fields[K] extends FieldOf<infer V> ? V : never };

/** One value. A scalar that is absent reads as its zero (proto3), a message as `undefined`. */
export function field<F extends FieldType>(number: number, type: F): FieldOf<Singular<F>> {
  return { number, type, cardinality: 'one' };
}

/** One value whose absence matters: a member of a `oneof`, or a field of a proto2 message. `undefined` when absent. */
export function optional<F extends FieldType>(number: number, type: F): FieldOf<ValueOf<F> | undefined> {
  return { number, type, cardinality: 'optional' };
}

/** Any number of values, in order. Numbers are read packed or not, and written packed. */
export function repeated<F extends FieldType>(number: number, type: F): FieldOf<ValueOf<F>[]> {
  return { number, type, cardinality: 'repeated' };
}

/** A map; the last of several entries with one key counts. */
export function map<K extends 'string' | 'int32' | 'uint32' | 'size64', F extends FieldType>(
  number: number,
  key: K,
  type: F,
): FieldOf<Map<ScalarTypes[K], ValueOf<F>>> {
  return { number, type, cardinality: 'map', key };
}

/** Makes a definition; `name` is used in messages about damaged bytes. */
export function defineMessage<Fields extends Record<string, FieldOf<unknown>>>(
  name: string,
  definition: Fields,
): Message<Decoded<Fields>> {
  const fields = Object.entries(definition).map(([key, of]) => ({ ...of, name: key }) as Field);
  const byNumber = new Map(fields.map(of => [of.number, of]));
  if (byNumber.size !== fields.length) throw new TypeError(`${name} defines a field number twice`);
  return { name, fields, byNumber };
}

const zeros: { [T in ScalarType]: ScalarTypes[T] } = {
  string: '',
  bytes: new Uint8Array(0),
  bool: false,
  int32: 0,
  uint32: 0,
  enum: 0,
  int64: 0n,
  uint64: 0n,
  sint64: 0n,
  size64: 0,
  fixed32: 0,
  fixed64: 0n,
  float: 0,
  double: 0,
};

/** What an absent scalar reads as. */
export function zeroOf(type: ScalarType): ScalarTypes[ScalarType] {
  return zeros[type];
}
