/** Tensors of ours as tensors of ONNX Runtime's JavaScript packages, which share one interface, and back. */

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import type { DType, TensorData } from '../numbers/dtype.ts';
import type { Tensor } from '../numbers/tensor.ts';
import type { Session } from './backend.ts';

/** The part of `onnxruntime-node` and `onnxruntime-web` that is used. */
export interface Ort {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof OrtTensor;
}

/** A session of ONNX Runtime behind our interface. */
export function wrapSession(ort: Ort, session: InferenceSession): Session {
  return {
    async run(feeds, wanted) {
      const given = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(ort, tensor)]));
      const results = await session.run(given, wanted);
      return Object.fromEntries(wanted.map(name => [name, fromOrt(results[name]!)]));
    },
    release: () => session.release(),
  };
}

function toOrt(ort: Ort, { dtype, shape, data }: Tensor): OrtTensor {
  return new ort.Tensor(dtype as OrtTensor.Type, data as OrtTensor.DataType, shape);
}

function fromOrt(tensor: OrtTensor): Tensor {
  return { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as unknown as TensorData };
}
