/** Which objects of an object graph are a layer's own: everything below it save the lists and states that Keras keeps books in. */

import type { ObjectNode } from '../../tensorflow/object-graph.ts';

const bookkeeping: ReadonlySet<string> = new Set([
  'keras_api',
  'layers',
  'metrics',
  'non_trainable_variables',
  'optimizer',
  'regularization_losses',
  'save_counter',
  'signatures',
  'states',
  'trainable_variables',
  'variables',
]);

const hidden =
  /^_(?:tracked|inbound_nodes|outbound_nodes|losses|metrics|optimizer|compile_metrics|loss_tracker|save_counter|states)/;

export function isBookkeeping(attribute: string): boolean {
  return bookkeeping.has(attribute) || hidden.test(attribute);
}

/** Every object below `start` with the attributes that lead to it, in the order in which they were attached; each once. */
export function objectsBelow(start: number, nodes: readonly ObjectNode[]): readonly { node: number; path: string }[] {
  const found: { node: number; path: string }[] = [];
  const seen = new Set<number>();
  const stack = [{ node: start, path: '' }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, path } = next;
    if (seen.has(node) || !nodes[node]) continue;
    seen.add(node);
    found.push(next);
    for (const { localName, nodeId } of nodes[node].children.toReversed()) {
      if (!isBookkeeping(localName)) stack.push({ node: nodeId, path: joined(path, localName) });
    }
  }
  return found;
}

/** Keras 3 keeps some variables in hidden attributes: `_kernel` is `kernel`. */
function joined(path: string, attribute: string): string {
  const plain = attribute.replace(/^_(?=[a-z])/, '');
  return path === '' ? plain : `${path}/${plain}`;
}
