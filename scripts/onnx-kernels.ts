/**
 * Finds out for which element types ONNX Runtime has a kernel of each operator that the lowering uses, by making a
 * session of one node for each, and writes the table `src/run/onnx/kernel-types.ts`.
 * Run after an update of onnxruntime-node: `npx tsx scripts/onnx-kernels.ts`.
 */

import { writeFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { attributeTypes, modelProto } from '../src/containers/onnx/schema.ts';
import { elementTypes } from '../src/containers/onnx/types.ts';
import { encode } from '../src/containers/protobuf/message.ts';
import type { DType } from '../src/numbers/dtype.ts';

/** Inputs as `T` (the type under test) or a fixed dtype, with ranks; the output's type; attributes that must be there. */
interface Form {
  inputs: readonly (readonly [DType | 'T', number])[];
  output?: DType | 'T';
  outputs?: readonly (DType | 'T')[];
  ints?: { [name: string]: number[] | number };
}

const unary: Form = { inputs: [['T', 2]] };
const binary: Form = {
  inputs: [
    ['T', 2],
    ['T', 2],
  ],
};
const comparison: Form = { ...binary, output: 'bool' };
const reduction: Form = {
  inputs: [
    ['T', 2],
    ['int64', 1],
  ],
};

const forms: { [op: string]: Form } = {
  ...Object.fromEntries(
    [
      'Abs',
      'Neg',
      'Sign',
      'Ceil',
      'Floor',
      'Round',
      'Sqrt',
      'Reciprocal',
      'Exp',
      'Log',
      'Sin',
      'Cos',
      'Tan',
      'Asin',
      'Acos',
      'Atan',
      'Sinh',
      'Cosh',
      'Tanh',
      'Asinh',
      'Acosh',
      'Atanh',
      'Erf',
      'Relu',
      'Sigmoid',
      'Softplus',
      'Softsign',
      'Elu',
      'Selu',
      'LeakyRelu',
      'HardSigmoid',
      'Gelu',
      'Softmax',
      'LogSoftmax',
      'BitwiseNot',
      'Identity',
      'Celu',
    ].map(op => [op, unary]),
  ),
  ...Object.fromEntries(
    [
      'Add',
      'Sub',
      'Mul',
      'Div',
      'Pow',
      'Max',
      'Min',
      'Mod',
      'BitwiseAnd',
      'BitwiseOr',
      'BitwiseXor',
      'MatMul',
      'PRelu',
    ].map(op => [op, binary]),
  ),
  ...Object.fromEntries(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map(op => [op, comparison])),
  ...Object.fromEntries(
    ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL2', 'ReduceLogSumExp'].map(op => [
      op,
      reduction,
    ]),
  ),
  IsNaN: { inputs: [['T', 2]], output: 'bool' },
  IsInf: { inputs: [['T', 2]], output: 'bool' },
  BitShift: { ...binary },
  Where: {
    inputs: [
      ['bool', 2],
      ['T', 2],
      ['T', 2],
    ],
  },
  Clip: {
    inputs: [
      ['T', 2],
      ['T', 0],
      ['T', 0],
    ],
  },
  Conv: {
    inputs: [
      ['T', 4],
      ['T', 4],
    ],
  },
  ConvTranspose: {
    inputs: [
      ['T', 4],
      ['T', 4],
    ],
  },
  MaxPool: { inputs: [['T', 4]], ints: { kernel_shape: [2, 2] } },
  AveragePool: { inputs: [['T', 4]], ints: { kernel_shape: [2, 2] } },
  GlobalAveragePool: { inputs: [['T', 4]] },
  BatchNormalization: {
    inputs: [
      ['T', 4],
      ['T', 1],
      ['T', 1],
      ['T', 1],
      ['T', 1],
    ],
  },
  LayerNormalization: {
    inputs: [
      ['T', 3],
      ['T', 1],
      ['T', 1],
    ],
  },
  LSTM: {
    inputs: [
      ['T', 3],
      ['T', 3],
      ['T', 3],
    ],
    ints: { hidden_size: 4 },
    outputs: ['T', 'T', 'T'],
  },
  GRU: {
    inputs: [
      ['T', 3],
      ['T', 3],
      ['T', 3],
    ],
    ints: { hidden_size: 4 },
    outputs: ['T', 'T'],
  },
  RNN: {
    inputs: [
      ['T', 3],
      ['T', 3],
      ['T', 3],
    ],
    ints: { hidden_size: 4 },
    outputs: ['T', 'T'],
  },
  Reshape: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  Transpose: unary,
  Expand: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  Tile: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  Concat: { ...binary, ints: { axis: 0 } },
  Split: { inputs: [['T', 2]], outputs: ['T', 'T'], ints: { num_outputs: 2 } },
  Slice: {
    inputs: [
      ['T', 2],
      ['int64', 1],
      ['int64', 1],
      ['int64', 1],
      ['int64', 1],
    ],
  },
  Gather: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  GatherElements: {
    inputs: [
      ['T', 2],
      ['int64', 2],
    ],
  },
  GatherND: {
    inputs: [
      ['T', 2],
      ['int64', 2],
    ],
  },
  ScatterND: {
    inputs: [
      ['T', 2],
      ['int64', 2],
      ['T', 1],
    ],
  },
  ScatterElements: {
    inputs: [
      ['T', 2],
      ['int64', 2],
      ['T', 2],
    ],
  },
  Pad: {
    inputs: [
      ['T', 2],
      ['int64', 1],
      ['T', 0],
    ],
  },
  CumSum: {
    inputs: [
      ['T', 2],
      ['int64', 0],
    ],
  },
  TopK: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
    outputs: ['T', 'int64'],
  },
  ArgMax: { inputs: [['T', 2]], output: 'int64' },
  ArgMin: { inputs: [['T', 2]], output: 'int64' },
  Range: {
    inputs: [
      ['T', 0],
      ['T', 0],
      ['T', 0],
    ],
  },
  Resize: {
    inputs: [
      ['T', 4],
      ['float32', 1],
      ['float32', 1],
    ],
  },
  Einsum: { ...binary },
  NonZero: { inputs: [['T', 2]], output: 'int64' },
  Unsqueeze: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  Squeeze: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
  Det: { inputs: [['T', 2]] },
  DFT: { inputs: [['T', 3]] },
  Trilu: { inputs: [['T', 2]] },
  OneHot: {
    inputs: [
      ['int64', 2],
      ['int64', 0],
      ['T', 1],
    ],
  },
  ReverseSequence: {
    inputs: [
      ['T', 2],
      ['int64', 1],
    ],
  },
};

const candidates: DType[] = [
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
];

function modelOf(op: string, form: Form, dtype: DType): Uint8Array {
  const typed = (type: DType | 'T') => elementTypes[type === 'T' ? dtype : type];
  const info = (name: string, type: DType | 'T', rank?: number) => ({
    name,
    type: {
      tensorType: {
        elemType: typed(type),
        ...(rank === undefined ? {} : { shape: { dim: Array.from({ length: rank }, () => ({})) } }),
      },
    },
  });
  const outputs = form.outputs ?? [form.output ?? 'T'];
  const attribute = Object.entries(form.ints ?? {}).map(([name, value]) =>
    Array.isArray(value)
      ? { name, ints: value.map(BigInt), type: attributeTypes.ints }
      : { name, int: BigInt(value), type: attributeTypes.int },
  );
  const text = (name: string, value: string) => ({
    name,
    string: new TextEncoder().encode(value),
    type: attributeTypes.string,
  });
  if (op === 'Einsum') attribute.push(text('equation', 'ij,jk->ik') as never);
  if (op === 'BitShift') attribute.push(text('direction', 'LEFT') as never);
  if (op === 'Mod' && dtype.startsWith('float')) attribute.push({ name: 'fmod', int: 1n, type: attributeTypes.int });
  return encode(modelProto, {
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: op,
      node: [
        {
          opType: op,
          input: form.inputs.map((_, at) => `x${at}`),
          output: outputs.map((_, at) => `y${at}`),
          attribute,
        },
      ],
      input: form.inputs.map(([type, rank], at) => info(`x${at}`, type, rank)),
      output: outputs.map((type, at) => info(`y${at}`, type)),
    },
  });
}

async function supports(op: string, form: Form, dtype: DType): Promise<boolean> {
  try {
    const session = await InferenceSession.create(modelOf(op, form, dtype), { logSeverityLevel: 4 });
    await session.release();
    return true;
  } catch (error) {
    const message = String(error);
    const expected = /NOT_IMPLEMENTED|Could not find an implementation|not supported|Type Error|invalid/i.test(message);
    if (!expected || dtype === 'float32') console.error(op, dtype, message.slice(0, 200));
    return false;
  }
}

const lines: string[] = [];
for (const [op, form] of Object.entries(forms).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const found: DType[] = [];
  for (const dtype of candidates) if (await supports(op, form, dtype)) found.push(dtype);
  lines.push(`  ${op}: '${found.join(' ')}',`);
}
writeFileSync(
  new URL('../src/run/onnx/kernel-types.ts', import.meta.url),
  `/**
 * Element types for which ONNX Runtime's CPU provider has a kernel of an operator (opset 21), made by
 * \`scripts/onnx-kernels.ts\` from onnxruntime-node.
 */

export const kernelTypes: { readonly [operator: string]: string } = {
${lines.join('\n')}
};
`,
);
