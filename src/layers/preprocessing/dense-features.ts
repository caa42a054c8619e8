/** DenseFeatures (tf.keras): feature columns of a dictionary of tensors, sorted by name, side by side. */

import type { SymbolicTensor } from '../../ops/types.ts';
import { defineLayer } from '../define.ts';
import { type Field, refuse } from '../fields.ts';
import {
  columnName,
  columnTensor,
  columnVariable,
  type Features,
  keysOf,
  type StoredColumn,
} from './feature-columns.ts';

function columns(): Field<readonly StoredColumn[]> {
  return {
    read(value, context) {
      const list = Array.isArray(value)
        ? (value as StoredColumn[])
        : refuse(value, 'a list of feature columns', context);
      return list.toSorted((a, b) => (columnName(a) < columnName(b) ? -1 : 1));
    },
  };
}

const variableName = (index: number) => (index === 0 ? 'embeddingWeights' : `embeddingWeights_${index}`);

export default defineLayer({
  name: 'DenseFeatures',
  config: { featureColumns: columns() },
  callArguments: ['features'],
  castInputs: false,
  weights: ({ featureColumns }) => {
    const shapes = featureColumns.map(columnVariable).filter(shape => shape !== null);
    return Object.fromEntries(shapes.map((shape, at) => [variableName(at), shape]));
  },
  call({ featureColumns }, weights, inputs, ops, { arguments: given, layerName }) {
    const features = featuresOf(given.features, featureColumns, inputs);
    let next = 0;
    const parts = featureColumns.map(column => {
      const variable = columnVariable(column) ? weights[variableName(next)] : undefined;
      if (variable) next += 1;
      return columnTensor(features, column, variable, layerName, ops);
    });
    return ops.concatenate(parts, { axis: -1 });
  },
});

/** The dictionary of the call; tensors in a list are those of the keys in sorted order, as tf.nest flattens them. */
function featuresOf(given: unknown, all: readonly StoredColumn[], inputs: readonly SymbolicTensor[]): Features {
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given) && !('node' in given);
  if (isRecord) return given as Features;
  const keys = [...new Set(all.flatMap(keysOf))].sort();
  return Object.fromEntries(keys.map((key, at) => [key, inputs[at]!]));
}
