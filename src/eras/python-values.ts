/** What Python objects in a YAML architecture stand for: wrapped lists of TensorFlow, numbers of NumPy. */

import type { YamlConstructor, YamlValue } from '../containers/yaml/index.ts';

/** The value is what was wrapped. */
const wrapped: YamlConstructor = values => values[0];

/** NumPy's type codes, `f8` to `b1`, little-endian. */
function numberOf(type: string, bytes: Uint8Array): YamlValue | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const code = type.replace(/^[<|=]/, '');
  const width = Number(code.slice(1));
  if (bytes.byteLength < width) return undefined;
  const read: Readonly<Record<string, () => number | boolean>> = {
    f8: () => view.getFloat64(0, true),
    f4: () => view.getFloat32(0, true),
    i8: () => Number(view.getBigInt64(0, true)),
    i4: () => view.getInt32(0, true),
    i2: () => view.getInt16(0, true),
    i1: () => view.getInt8(0),
    u8: () => Number(view.getBigUint64(0, true)),
    u4: () => view.getUint32(0, true),
    u1: () => view.getUint8(0),
    b1: () => view.getUint8(0) !== 0,
  };
  return read[code]?.();
}

/** By the last part of the Python name. `dtype` gives its code, which `scalar` then reads its bytes by. */
export const pythonValues: Readonly<Record<string, YamlConstructor>> = {
  ListWrapper: wrapped,
  _TupleWrapper: wrapped,
  _DictWrapper: wrapped,
  TensorShape: wrapped,
  Dimension: wrapped,
  OrderedDict: wrapped,
  dtype: values => values[0],
  scalar: ([type, bytes]) =>
    typeof type === 'string' && bytes instanceof Uint8Array ? numberOf(type, bytes) : undefined,
};
