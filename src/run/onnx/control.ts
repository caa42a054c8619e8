/** ONNX forms of loops and branches. */

import type { DType } from '../../numbers/dtype.ts';
import type { Subgraph } from '../../ops/types.ts';
import { carrierOf, type Lowering, type Rule } from './lowering.ts';

const scan: Rule = (node, lowering) => {
  const { body, carries, axes, keptAxes, reverse } = node.attributes as unknown as {
    body: Subgraph;
    carries: number;
    axes: number[];
    keptAxes: number[];
    reverse: boolean;
  };
  const inputs = node.inputs.map(input => lowering.plain(input));
  const traced = lowering.bodyOf(body, inner =>
    body.inputs.map(({ dtype, shape }) => inner.graph.input(carrierOf(dtype), shape, 'step')),
  );
  const direction = reverse ? 1 : 0;
  const made = lowering.graph.node('Scan', inputs, dtypesOf(node.outputs), {
    body: { graph: traced.graph },
    num_scan_inputs: axes.length,
    scan_input_axes: axes,
    scan_output_axes: keptAxes.length > 0 ? keptAxes : undefined,
    scan_input_directions: axes.map(() => direction),
    scan_output_directions: keptAxes.length > 0 ? keptAxes.map(() => direction) : undefined,
  });
  return made.slice(0, carries + keptAxes.length).map(value => ({ plain: value }));
};

function dtypesOf(tensors: readonly { readonly dtype: DType }[]): DType[] {
  return tensors.map(({ dtype }) => carrierOf(dtype));
}

/** ONNX's Loop tests before the first step on a value from outside, and after each step on one from the body. */
const loop: Rule = (node, lowering) => {
  const { condition, body } = node.attributes as unknown as { condition: Subgraph; body: Subgraph };
  const inputs = node.inputs.map(input => lowering.plain(input));
  const holds = lowering.inline(condition, inputs)[0]!;
  const test = (inner: Lowering, results: readonly ReturnType<Lowering['plain']>[]) => [
    inner.inline(condition, results)[0]!,
    ...results,
  ];
  const traced = lowering.bodyOf(
    body,
    inner => {
      inner.graph.input('int64', [], 'iteration');
      inner.graph.input('bool', [], 'condition');
      return body.inputs.map(({ dtype, shape }) => inner.graph.input(carrierOf(dtype), shape, 'variable'));
    },
    test,
  );
  const made = lowering.graph.node('Loop', [null, holds, ...inputs], dtypesOf(node.outputs), {
    body: { graph: traced.graph },
  });
  return made.map(value => ({ plain: value }));
};

const branch: Rule = (node, lowering) => {
  const { whenTrue, whenFalse } = node.attributes as unknown as { whenTrue: Subgraph; whenFalse: Subgraph };
  const graphs = [whenTrue, whenFalse].map(body => lowering.bodyOf(body, () => []).graph);
  const made = lowering.graph.node('If', [lowering.plain(node.inputs[0]!)], dtypesOf(node.outputs), {
    then_branch: { graph: graphs[0]! },
    else_branch: { graph: graphs[1]! },
  });
  return made.map(value => ({ plain: value }));
};

export const controlRules: { readonly [op: string]: Rule } = { scan, while: loop, cond: branch };
