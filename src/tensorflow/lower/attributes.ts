/** Attributes of a node under the types that they have in TensorFlow; what is absent has the fallback given. */

import { dtypeOfNumber } from '../../containers/table/datatype.ts';
import { readTensorProto } from '../../containers/table/tensorproto.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { Shape, Tensor } from '../../numbers/tensor.ts';
import type { AttrValue, NameAttrList, ShapeMessage } from '../schema/graph.ts';

export interface Attributes {
  has(name: string): boolean;
  int(name: string, fallback?: number): number;
  ints(name: string): readonly number[];
  /** Whole numbers of 64 bits that a number cannot hold. */
  bigints(name: string): readonly bigint[];
  float(name: string, fallback?: number): number;
  floats(name: string): readonly number[];
  bool(name: string, fallback?: boolean): boolean;
  text(name: string, fallback?: string): string;
  texts(name: string): readonly string[];
  /** Null for a dtype that holds no array (resource, variant). */
  dtype(name: string): DType | null;
  /** Null for an unknown rank. */
  shape(name: string): Shape | null;
  shapes(name: string): readonly (Shape | null)[];
  tensor(name: string): Tensor;
  func(name: string): NameAttrList;
  funcs(name: string): readonly NameAttrList[];
}

/** Attributes of a node. `where` names the node in errors: `damaged` where a needed one is absent. */
export function attributesOf(attr: ReadonlyMap<string, AttrValue>, where: string): Attributes {
  const need = <T>(name: string, value: T | undefined, fallback?: T): T => {
    const found = value ?? fallback;
    if (found === undefined) throw new LoadstoneError('damaged', `The attribute ${name} is missing`, { where });
    return found;
  };
  const of = (name: string) => attr.get(name);
  return {
    has: name => attr.has(name),
    int: (name, fallback) => need(name, numberOf(of(name)?.i), fallback),
    ints: name => of(name)?.list?.i.map(Number) ?? [],
    bigints: name => of(name)?.list?.i ?? [],
    float: (name, fallback) => need(name, of(name)?.f, fallback),
    floats: name => of(name)?.list?.f ?? [],
    bool: (name, fallback) => need(name, of(name)?.b, fallback),
    text: (name, fallback) => need(name, textOf(of(name)?.s), fallback),
    texts: name => of(name)?.list?.s.map(bytes => new TextDecoder().decode(bytes)) ?? [],
    dtype: name => dtypeOfNumber(need(name, of(name)?.type)),
    shape: name => shapeOf(need(name, of(name)?.shape)),
    shapes: name => of(name)?.list?.shape.map(shapeOf) ?? [],
    tensor: name => readTensorProto(need(name, of(name)?.tensor), where),
    func: name => need(name, of(name)?.func),
    funcs: name => of(name)?.list?.func ?? [],
  };
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** A shape with -1 for unknown sizes as ours; null for an unknown rank. */
export function shapeOf(message: ShapeMessage): Shape | null {
  return message.unknownRank ? null : message.dim.map(({ size }) => (size < 0 ? null : size));
}
