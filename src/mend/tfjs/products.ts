/** Products of tensors with weights, and with each other, in terms of layers. */

import type { OpNode } from '../../ops/types.ts';
import { isStored, type Value } from './arithmetic.ts';
import {
  axisLast,
  type Builder,
  count,
  folded,
  type Made,
  matrixOf,
  permute,
  reshape,
  sizesOf,
  unsayable,
} from './graph.ts';
import { madeOf, type Stored, withOrder, withShape } from './stored.ts';

export function product(node: OpNode, inputs: readonly (() => Value)[], graph: Builder): Made | null {
  if (node.op === 'matmul') return matrices(inputs[0]?.(), inputs[1]?.(), graph);
  if (node.op === 'einsum') return einsum(node, inputs[0]?.(), inputs[1]?.(), graph);
  if (node.op === 'batchNormalization')
    return normalized(
      node,
      inputs.map(input => input()),
      graph,
    );
  if (node.op === 'layerNormalization')
    return normalizedAlone(
      node,
      inputs.map(input => input()),
      graph,
    );
  return null;
}

function matrices(x: Value | undefined, y: Value | undefined, graph: Builder): Made | null {
  if (!x || !y || (isStored(x) && isStored(y))) return null;
  const letters = (rank: number, ends: string) => [...'abcdefgh'.slice(0, rank - 2), ...ends];
  const rank = (value: Value) => (isStored(value) ? value.shape.length : value.sample.length + 1);
  const most = Math.max(rank(x), rank(y));
  // Leading axes of the one that has fewer are those of the other's end.
  const terms = [x, y].map((value, at) => letters(most, at === 0 ? 'mk' : 'kn').slice(most - rank(value)));
  return contraction(x, y, terms as [string[], string[]], letters(most, 'mn'), graph);
}

function einsum(node: OpNode, x: Value | undefined, y: Value | undefined, graph: Builder): Made | null {
  if (!x || !y || node.inputs.length !== 2) return null;
  const terms = node.attributes.inputs as readonly (readonly string[])[];
  return contraction(x, y, [[...terms[0]!], [...terms[1]!]], [...(node.attributes.output as readonly string[])], graph);
}

function contraction(x: Value, y: Value, [a, b]: [string[], string[]], output: string[], graph: Builder): Made | null {
  if (isStored(x) && isStored(y)) return null;
  if (isStored(x)) return contraction(y, x, [b, a], output, graph);
  const batch = a[0] as string;
  if (output[0] !== batch) return unsayable('a product that turns the batch');
  return isStored(y) ? withWeights(x, y, a, b, output, graph) : ofTensors(x, y, a, b, output, graph);
}

/** Sizes by their letters. */
function sizesBy(letters: readonly string[], sizes: readonly (number | null)[]): Map<string, number | null> {
  return new Map(letters.map((letter, at) => [letter, sizes[at] ?? null]));
}

/** One Dense layer over the contracted axes; axes that both keep make its kernel a matrix of blocks. */
function withWeights(x: Made, w: Stored, a: string[], b: string[], output: string[], graph: Builder): Made {
  if (b.includes(a[0] as string)) return unsayable('weights for each sample');
  const known = new Map([...sizesBy(a, [null, ...x.sample]), ...sizesBy(b, w.shape)]);
  const size = (letter: string) =>
    known.get(letter) ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
  const product = (letters: readonly string[]) => count(letters.map(size));
  const shared = b.filter(letter => a.includes(letter));
  const summed = shared.filter(letter => !output.includes(letter));
  const blocks = shared.filter(letter => output.includes(letter));
  const fresh = b.filter(letter => !a.includes(letter));
  const kept = a.slice(1).filter(letter => !shared.includes(letter));
  if ([...kept, ...blocks, ...fresh].length + 1 !== output.length) unsayable('a sum over an axis of one factor');
  const turned = permute(
    graph,
    x,
    [...kept, ...blocks, ...summed].map(letter => a.indexOf(letter) - 1),
  );
  const keptSizes = kept.map(letter => known.get(letter) ?? null);
  const [parts, rows, columns] = [product(blocks), product(summed), product(fresh)];
  const flat = reshape(graph, turned, [...keptSizes, parts * rows]);
  const order = withOrder(
    w,
    [...blocks, ...summed, ...fresh].map(letter => b.indexOf(letter)),
  );
  const kernel = blockKernel(withShape(order, [parts, rows, columns]), parts, rows, columns);
  const width = parts * columns;
  const config = { units: width, activation: 'linear', use_bias: false };
  const made = graph.add('Dense', config, [flat], [...keptSizes, width], { kernel });
  const letters = [...kept, ...blocks, ...fresh];
  const whole = reshape(graph, made, [...keptSizes, ...[...blocks, ...fresh].map(size)]);
  return permute(
    graph,
    whole,
    output.slice(1).map(letter => letters.indexOf(letter)),
  );
}

function blockKernel(stored: Stored, parts: number, rows: number, columns: number): Stored {
  if (parts === 1) return withShape(stored, [rows, columns]);
  const shape = [parts * rows, parts * columns] as const;
  if (shape[0] * shape[1] > 1 << 24) unsayable('a kernel too large');
  return madeOf([stored], shape, ([numbers]) => {
    const data = new Float32Array(shape[0] * shape[1]);
    for (let part = 0; part < parts; part += 1) {
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          data[(part * rows + row) * shape[1] + part * columns + column] = (numbers as ArrayLike<number>)[
            (part * rows + row) * columns + column
          ] as number;
        }
      }
    }
    return data;
  });
}

/** Dot of pairs of matrices, one for each combination of the axes that both share. */
function ofTensors(x: Made, y: Made, a: string[], b: string[], output: string[], graph: Builder): Made {
  if (b[0] !== a[0]) return unsayable('a product across samples');
  const [mine, theirs] = [a.slice(1), b.slice(1)];
  const known = new Map([...sizesBy(theirs, y.sample), ...sizesBy(mine, x.sample)]);
  const common = mine.filter(letter => theirs.includes(letter) && output.includes(letter));
  const summed = mine.filter(letter => theirs.includes(letter) && !output.includes(letter));
  const left = mine.filter(letter => !theirs.includes(letter));
  const right = theirs.filter(letter => !mine.includes(letter));
  if (common.length + left.length + right.length + 1 !== output.length) unsayable('a sum over an axis of one factor');
  for (const letter of common) {
    if (y.sample[theirs.indexOf(letter)] !== x.sample[mine.indexOf(letter)])
      unsayable('a product that stretches an axis');
  }
  const sizes = (letters: readonly string[]) => letters.map(letter => known.get(letter) ?? null);
  const merged = (letters: readonly string[]): number | null => {
    const found = sizes(letters);
    return found.includes(null)
      ? found.length === 1
        ? null
        : unsayable('this where sizes are open; declare them with --input-shape')
      : count(found as number[]);
  };
  const parts = merged(common) ?? unsayable('work along an axis whose size is open; declare it with --input-shape');
  const [m, k, n] = [merged(left), merged(summed), merged(right)];
  const first = permute(
    graph,
    x,
    [...common, ...left, ...summed].map(letter => mine.indexOf(letter)),
  );
  const second = permute(
    graph,
    y,
    [...common, ...summed, ...right].map(letter => theirs.indexOf(letter)),
  );
  const products = Array.from({ length: parts }, (_, part) => {
    const one = partOf(graph, first, common.length, part, parts, [m, k]);
    const other = partOf(graph, second, common.length, part, parts, [k, n]);
    return graph.add('Dot', { axes: [2, 1], normalize: false }, [one, other], [m, n]);
  });
  const whole = joined(graph, products, [m, n]);
  const letters = [...common, ...left, ...right];
  const open = reshape(graph, whole, sizes(letters));
  return permute(
    graph,
    open,
    output.slice(1).map(letter => letters.indexOf(letter)),
  );
}

/** One of the matrices that lie along the first axes. */
function partOf(
  graph: Builder,
  x: Made,
  lead: number,
  part: number,
  parts: number,
  sample: readonly [number | null, number | null],
): Made {
  if (parts === 1) return reshape(graph, x, sample);
  const inside = count(sizesOf({ ...x, sample: x.sample.slice(lead) }));
  const stacked = permute(graph, reshape(graph, x, [parts, inside]), [1, 0]);
  const kernel = matrixOf(parts, 1, row => (row === part ? 1 : 0));
  const config = { units: 1, activation: 'linear', use_bias: false };
  return reshape(graph, graph.add('Dense', config, [stacked], [inside, 1], { kernel }), sample);
}

function joined(graph: Builder, products: readonly Made[], [m, n]: readonly [number | null, number | null]): Made {
  if (products.length === 1) return products[0] as Made;
  const stacked = products.map(one => reshape(graph, one, [1, m, n]));
  return graph.add('Concatenate', { axis: 1 }, stacked, [products.length, m, n]);
}

/** Normalization along the last axis of at most four; others are turned or folded to be that. */
function normalized(node: OpNode, inputs: readonly Value[], graph: Builder): Made | null {
  const [x, mean, variance, ...rest] = inputs;
  if (!x || isStored(x) || !isStored(mean) || !isStored(variance)) return null;
  const { axis: whole, epsilon } = node.attributes as { axis: number; epsilon: number };
  const axis = (whole < 0 ? whole + x.sample.length + 1 : whole) - 1;
  const { order, back } = axisLast(x, axis);
  const turned = permute(graph, x, order);
  const flat =
    turned.sample.length > 3
      ? reshape(graph, turned, [...folded(turned.sample.slice(0, -1)), turned.sample.at(-1) as number])
      : turned;
  const [gamma, beta] = rest.filter(isStored);
  const weights = {
    ...(gamma && { gamma }),
    ...(beta && { beta }),
    moving_mean: mean,
    moving_variance: variance,
  };
  if (rest.length > 0 && rest.length < 2) unsayable('a normalization with one of scale and offset');
  const config = { axis: -1, epsilon, center: beta !== undefined, scale: gamma !== undefined };
  const made = graph.add('BatchNormalization', config, [flat], flat.sample, weights);
  return permute(graph, reshape(graph, made, turned.sample), back);
}

/** Each sample's own mean and variance, along the last axis. */
function normalizedAlone(node: OpNode, [x, gamma, beta]: readonly Value[], graph: Builder): Made | null {
  if (!x || isStored(x) || !isStored(gamma) || (beta && !isStored(beta))) return null;
  const { axis, epsilon } = node.attributes as { axis: number; epsilon: number };
  if (axis !== x.sample.length) unsayable('a normalization over several axes');
  const config = { axis: -1, epsilon, center: beta !== undefined, scale: true };
  return graph.add('LayerNormalization', config, [x], x.sample, { gamma, ...(beta && { beta }) });
}
