/** Numbers worked out before a graph is said: operations that take constants alone become constants. */

import { recordAll } from '../../ops/record.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import { folded } from './constants.ts';
import { type Ends, nodesInOrder } from './emission.ts';

/** The graph with constants in place of what is made of constants alone. */
export function foldNumbers({ inputs, outputs }: Ends): Ends {
  const made = new Map<SymbolicTensor, SymbolicTensor>();
  for (const node of nodesInOrder({ inputs, outputs })) {
    const changed = node.inputs.map(tensor => made.get(tensor) ?? tensor);
    const same = changed.every((tensor, at) => tensor === node.inputs[at]);
    const results = same ? node.outputs : recordAll(node.op, changed, node.attributes, node.outputs);
    const [first] = results;
    const constant = first && folded(first.node);
    if (constant) made.set(node.outputs[0] as SymbolicTensor, constant);
    else if (!same) for (const [at, tensor] of results.entries()) made.set(node.outputs[at] as SymbolicTensor, tensor);
  }
  return { inputs, outputs: outputs.map(tensor => made.get(tensor) ?? tensor) };
}
