/**
 * Which dtype comes out when dtypes meet, as Keras 3 decides it (keras/src/backend/common/dtypes.py): the least upper
 * bound on a lattice in which numbers written in code are weak and adapt to the tensors that they meet.
 */

import type { DType } from '../numbers/dtype.ts';

/** A dtype, or a number in code: `int` where it is whole, `float` otherwise. */
export type Promotable = DType | 'int' | 'float';

/** Direct upper neighbours on the lattice. */
const above: { readonly [dtype: string]: readonly Promotable[] } = {
  bool: ['int'],
  int: ['uint8', 'int8'],
  uint8: ['int16', 'uint16'],
  uint16: ['int32', 'uint32'],
  uint32: ['int64', 'uint64'],
  uint64: ['float'],
  int8: ['int16'],
  int16: ['int32'],
  int32: ['int64'],
  int64: ['float'],
  float: ['float8_e4m3fn', 'float8_e5m2', 'bfloat16', 'float16'],
  float8_e4m3fn: ['bfloat16', 'float16'],
  float8_e5m2: ['bfloat16', 'float16'],
  bfloat16: ['float32'],
  float16: ['float32'],
  float32: ['float64', 'complex64'],
  float64: ['complex128'],
  complex64: ['complex128'],
  complex128: [],
  string: [],
};

const bounds = new Map<string, Set<Promotable>>();

/** Every dtype that can hold `dtype`, itself included. */
function upperBounds(dtype: Promotable): Set<Promotable> {
  const known = bounds.get(dtype);
  if (known) return known;
  const found = new Set<Promotable>([dtype]);
  for (const next of above[dtype] ?? []) for (const further of upperBounds(next)) found.add(further);
  bounds.set(dtype, found);
  return found;
}

/** The dtype of an operation on all of `dtypes`, or null where they do not mix (strings and numbers). */
export function promote(...dtypes: readonly Promotable[]): DType | null {
  const distinct = [...new Set(dtypes)].map(upperBounds);
  const common = [...distinct[0]!].filter(dtype => distinct.every(set => set.has(dtype)));
  const least = common.find(candidate => common.every(other => upperBounds(candidate).has(other)));
  if (least === undefined) return null;
  if (least === 'int') return 'int32';
  return least === 'float' ? 'float32' : least;
}

/** What functions with real results (exp, sqrt, division) give for `dtype`. */
export function toFloating(dtype: DType): DType {
  return dtype === 'int64' || dtype === 'uint64' ? 'float32' : promote(dtype, 'float')!;
}
