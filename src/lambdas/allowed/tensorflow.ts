import { refuse } from '../machine/refuse.ts';
import { asTensor } from '../machine/tensors.ts';
import { pyTensor, pyTuple, type Value } from '../machine/values.ts';
import { ofOne, ofTwo } from './common.ts';
import { type Allowed, allow, namespaceOf } from './define.ts';
import { imageRows } from './tensorflow-image.ts';
import { mathRows } from './tensorflow-math.ts';
import { neuralRows } from './tensorflow-nn.ts';
import { shapeRows } from './tensorflow-shapes.ts';

const linearRows: Readonly<Record<string, Allowed>> = {
  'matmul linalg.matmul batch_matmul': allow('a b transpose_a transpose_b adjoint_a adjoint_b name', given => {
    const { ops } = given;
    const [a, b] = [given.tensor('a'), given.tensor('b')];
    const left = given.flag('transpose_a') || given.flag('adjoint_a') ? ops.swapaxes(a, -1, -2) : a;
    const right = given.flag('transpose_b') || given.flag('adjoint_b') ? ops.swapaxes(b, -1, -2) : b;
    return pyTensor(ops.matmul(left, right));
  }),
  'linalg.matvec': ofTwo((ops, a, b) => ops.squeeze(ops.matmul(a, ops.expandDims(b, -1)), { axis: -1 }), 'a b'),
  'tensordot linalg.tensordot': allow('a b axes name', given => {
    const axes = given.needed('axes');
    if (axes.kind === 'int')
      return pyTensor(given.ops.tensordot(given.tensor('a'), given.tensor('b'), { axes: given.int('axes') }));
    const pair = given.items('axes').map(side => (side.kind === 'int' ? [Number(side.value)] : constantAxes(side)));
    return pyTensor(
      given.ops.tensordot(given.tensor('a'), given.tensor('b'), { axes: [pair[0] ?? [], pair[1] ?? []] }),
    );
  }),
  'einsum linalg.einsum': allow('equation *inputs', given =>
    pyTensor(given.ops.einsum(given.text('equation'), ...given.rest().map(x => asTensor(x, given.session)))),
  ),
  'norm linalg.norm': allow('tensor ord axis keepdims name | keep_dims:keepdims', given => {
    const ord = given.value('ord');
    const order =
      ord === undefined || (ord.kind === 'string' && ord.value === 'euclidean') ? null : given.number('ord');
    const options = { axis: given.axes('axis'), keepdims: given.flag('keepdims') };
    const x = given.tensor('tensor');
    if (order === 1) return pyTensor(given.ops.sum(given.ops.abs(x), options));
    if (order !== null && order !== 2) return refuse(`tf.norm with ord=${order}`);
    return pyTensor(given.ops.sqrt(given.ops.sum(given.ops.multiply(x, x), options)));
  }),
  'linalg.band_part matrix_band_part': allow('input num_lower num_upper name', given => {
    const { ops } = given;
    const x = given.tensor('input');
    const [lower, upper] = [given.int('num_lower'), given.int('num_upper')];
    const below = upper < 0 ? x : ops.tril(x, { k: upper });
    return pyTensor(lower < 0 ? below : ops.triu(below, { k: -lower }));
  }),
  'linalg.diag_part': ofOne((ops, x) => ops.diagonal(x, { axis1: -2, axis2: -1 })),
  'linalg.trace': ofOne((ops, x) => ops.trace(x, { axis1: -2, axis2: -1 })),
  'linalg.normalize': allow('tensor ord axis name', given => {
    const { ops } = given;
    const x = given.tensor('tensor');
    const norm = ops.sqrt(ops.sum(ops.multiply(x, x), { axis: given.axes('axis'), keepdims: true }));
    return pyTuple([pyTensor(ops.divide(x, norm)), pyTensor(norm)]);
  }),
};

function constantAxes(side: Value): number[] {
  const items = side.kind === 'list' || side.kind === 'tuple' ? side.items : [];
  return items.map(item =>
    item.kind === 'int' ? Number(item.value) : refuse('axes that are not known when the model is built'),
  );
}

export const tensorflow = namespaceOf({ ...mathRows, ...shapeRows, ...linearRows, ...neuralRows, ...imageRows });
