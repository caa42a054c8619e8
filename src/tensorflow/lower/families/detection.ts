/** What detectors and readers of lines end with: choosing among overlapping boxes, and among ways to read. */

import * as ops from '../../../ops/exports.ts';
import type { SymbolicTensor } from '../../../ops/types.ts';
import { type Lowering, type LoweringEntry, type LoweringTable, type OpView, unsupported } from '../define.ts';
import { knownElements } from '../value.ts';

/** The size of results that are filled up to the most that were asked for. */
function paddedTo(node: OpView): number | null {
  if (!node.attributes.bool('pad_to_max_output_size', false)) return null;
  const known = knownElements(node.value(2));
  if (known === null) throw unsupported(node.where, `${node.op} padded to a size that is known only when it runs`);
  return known[0]!;
}

const input = (node: OpView, index: number): SymbolicTensor | undefined =>
  index < node.inputs.length ? node.x(index) : undefined;

/** Thresholds are inputs, one more with each version; the first version has the overlap's as an attribute. */
function suppress(node: OpView, areOverlaps = false) {
  return ops.nonMaxSuppression(node.x(0), node.x(1), node.x(2), {
    overlapThreshold: input(node, 3) ?? node.attributes.float('iou_threshold', 0.5),
    scoreThreshold: input(node, 4),
    softSigma: input(node, 5),
    areOverlaps,
    paddedTo: paddedTo(node),
  });
}

const indices: Lowering = node => suppress(node)[0];

const indicesAndCount: LoweringEntry = {
  outputs: ['selected_indices', 'valid_outputs'],
  lower: node => {
    const [found, , count] = suppress(node);
    return [found, count];
  },
};

const combined: Lowering = node => {
  const [perClass, most] = [node.number(2), node.number(3)];
  const classes = node.x(1).shape[2];
  const isPerClass = node.attributes.bool('pad_per_class', false);
  if (isPerClass && typeof classes !== 'number')
    throw unsupported(node.where, `${node.op} over a number of classes that is known only when it runs`);
  return ops.combinedNonMaxSuppression(node.x(0), node.x(1), {
    perClass,
    total: isPerClass ? Math.min(most, perClass * classes!) : most,
    overlapThreshold: node.x(4),
    scoreThreshold: node.x(5),
    clip: node.attributes.bool('clip_boxes', true),
  });
};

/** Labels that were decoded, as a sparse tensor (samples, longest), and the scores. */
const decode =
  (strategy: 'greedy' | 'beam_search'): Lowering =>
  node => {
    if (node.attributes.int('top_paths', 1) !== 1) throw unsupported(node.where, `${node.op} of several paths`);
    const [paths, scores] = ops.ctcDecode(ops.swapaxes(node.x(0), 0, 1), node.x(1), {
      strategy,
      beamWidth: node.attributes.int('beam_width', 100),
      mergeRepeated: node.attributes.bool('merge_repeated', strategy === 'beam_search'),
      maskIndex: strategy === 'greedy' ? node.attributes.int('blank_index', -1) : null,
    });
    const labels = ops.squeeze(paths, { axis: 0 });
    const isLabel = ops.greaterEqual(labels, 0);
    const indices = ops.cast(ops.stack(ops.nonzero(isLabel), { axis: -1 }), 'int64');
    const longest = ops.max(ops.sum(ops.cast(isLabel, 'int64'), { axis: 1 }));
    const samples = ops.cast(ops.convertToTensor(ops.shape(labels)[0]!), 'int64');
    return [indices, ops.cast(ops.gatherNd(labels, indices), 'int64'), ops.stack([samples, longest]), scores];
  };

const decoded = ['decoded_indices', 'decoded_values', 'decoded_shape', 'log_probability'];

export const detection: LoweringTable = {
  CTCGreedyDecoder: { outputs: decoded, lower: decode('greedy') },
  CTCBeamSearchDecoder: { outputs: decoded, lower: decode('beam_search') },
  NonMaxSuppression: indices,
  NonMaxSuppressionV2: indices,
  NonMaxSuppressionV3: indices,
  NonMaxSuppressionV4: indicesAndCount,
  NonMaxSuppressionV5: {
    outputs: ['selected_indices', 'selected_scores', 'valid_outputs'],
    lower: node => suppress(node),
  },
  NonMaxSuppressionWithOverlaps: node => suppress(node, true)[0],
  CombinedNonMaxSuppression: {
    outputs: ['nmsed_boxes', 'nmsed_scores', 'nmsed_classes', 'valid_detections'],
    lower: combined,
  },
};
