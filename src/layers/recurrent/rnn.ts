/** RNN: any cell over time; StackedRNNCells: cells on top of one another as one cell. */

import type { Shape } from '../../numbers/tensor.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { type CallArgument, type CallableLayer, defineLayer, type LayerSpec } from '../define.ts';
import { bool, type Field, layer, list } from '../fields.ts';
import { callRecurrent, recurrentCallArguments, recurrentFields } from './recurrent-layer.ts';

/** A cell, or a list of them, which Keras wraps as StackedRNNCells. */
function cellField(): Field<LayerSpec> {
  const one = layer();
  return {
    read: (value, context) =>
      Array.isArray(value) ? { className: 'StackedRNNCells', config: { cells: value } } : one.read(value, context),
  };
}

const rnn = defineLayer({
  name: 'RNN',
  // Keras 2's class for convolutional cells; what it does is the same.
  aliases: ['ConvRNN2D'],
  config: { ...recurrentFields, cell: cellField() },
  callArguments: recurrentCallArguments,
  sublayers: ({ cell }) => ({ cell }),
  call: (config, _weights, inputs, ops, context) => callRecurrent(config, inputs, ops, context),
});

const stackedRnnCells = defineLayer({
  name: 'StackedRNNCells',
  config: {
    cells: list(layer()),
    /** Keras 2.0.9–2.2.2, and on demand later: states stand last cell first. */
    reverseStateOrder: bool(false),
  },
  callArguments: ['inputs', 'states'],
  sublayers: ({ cells }) => ({ cells }),
  stateShapes: ({ reverseStateOrder }, inputShape, { cells }) => {
    const shapes = cellStateShapes(cells as readonly CallableLayer[], inputShape);
    return (reverseStateOrder ? shapes.toReversed() : shapes).flat();
  },
  call({ reverseStateOrder }, _weights, [x, ...states], _ops, { sublayerLists, arguments: given }) {
    const cells = sublayerLists.cells!;
    const counts = cellStateShapes(cells, x!.shape).map(shapes => shapes.length);
    const constants: { [name: string]: CallArgument } =
      given.constants === undefined ? {} : { constants: given.constants };
    let output = x!;
    const next = cells.map((cell, at) => {
      const own = statesOf(at, counts, states, reverseStateOrder);
      const [first, ...rest] = cell.call([output, ...own], { arguments: { states: own, ...constants } }).outputs;
      output = first!;
      return rest;
    });
    return [output, ...(reverseStateOrder ? next.toReversed() : next).flat()];
  },
});

/** State shapes of each cell; a cell's output, which the next one reads, has the shape of its first state. */
function cellStateShapes(cells: readonly CallableLayer[], inputShape: Shape): readonly (readonly Shape[])[] {
  let read = inputShape;
  return cells.map(cell => {
    const shapes = cell.stateShapes(read);
    read = [inputShape[0]!, ...(shapes[0] ?? [])];
    return shapes;
  });
}

function statesOf(
  cell: number,
  counts: readonly number[],
  states: readonly SymbolicTensor[],
  reversed: boolean,
): readonly SymbolicTensor[] {
  const before = reversed ? counts.slice(cell + 1) : counts.slice(0, cell);
  const start = before.reduce((sum, count) => sum + count, 0);
  return states.slice(start, start + counts[cell]!);
}

export default [rnn, stackedRnnCells];
