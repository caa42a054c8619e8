/** What of a program can be called, and which of it stands for the model. */

import { LoadstoneError } from '../findings/errors.ts';
import { childOf } from './object-graph.ts';
import type { Program } from './program.ts';
import { encodedLeaves, isSpec } from './structure.ts';
import { type Callable, concreteFunction, signaturesOf } from './trace.ts';
import { namesByProducer, producersOf } from './wrapper.ts';

const usualSignature = 'serving_default';

/** The signature of that name. Throws `usage` with the names that there are. */
export function signatureNamed(program: Program, name: string): Callable {
  const signatures = signaturesOf(program);
  const found = signatures.get(name);
  if (found) return found;
  throw new LoadstoneError('usage', `there is no signature "${name}"`, {
    where: program.name,
    do: signatures.size === 0 ? 'It has no signatures at all.' : `Give one of: ${[...signatures.keys()].join(', ')}.`,
  });
}

/**
 * What a call of the model is: its usual signature (its only one, where none is usual), with its results in the order in
 * which the root's own call gives them; without signatures that call itself. Signatures come first because
 * Keras traces them of the whole model, and the root's call of layers one by one, between which masks are lost.
 * Throws `usage` where there is nothing that stands for the model.
 */
export function defaultCallable(program: Program): Callable {
  const signatures = signaturesOf(program);
  const usual = signatures.get(usualSignature) ?? (signatures.size === 1 ? [...signatures.values()][0] : undefined);
  const root = rootCall(program);
  if (usual) return root ? inOrderOf(root, usual, program) : usual;
  const only = root && concreteFunction(program, root, '__call__');
  if (only) return only;
  throw new LoadstoneError('usage', 'there is nothing in it that stands for the model', {
    where: program.name,
    do:
      signatures.size === 0
        ? 'It holds no signature and no function of its root.'
        : `Give --signature, one of: ${[...signatures.keys()].join(', ')}.`,
  });
}

/** The function of the root's call for inference; null where the root cannot be called. */
function rootCall(program: Program): string | null {
  const nodes = program.metaGraph.objects?.nodes;
  const names = nodes?.[0] ? (childOf(nodes, nodes[0], '__call__')?.function?.concreteFunctions ?? []) : [];
  const variants = names.filter(name => program.metaGraph.functions().has(name));
  return variants.sort((a, b) => Number(trainingOf(program, a)) - Number(trainingOf(program, b)))[0] ?? null;
}

/** True for a variant traced with some argument true, which `training` is. */
function trainingOf(program: Program, name: string): boolean {
  const leaves = encodedLeaves(program.metaGraph.objects?.concreteFunctions.get(name)?.canonicalizedInputSignature);
  return leaves.some(leaf => !isSpec(leaf) && leaf.plain === true);
}

/** A signature names its results after layers and sorts them; the root's call tells which layer's comes first. */
function inOrderOf(root: string, usual: Callable, program: Program): Callable {
  if (usual.outputs.length < 2) return usual;
  const names = usual.outputs.map(({ name }) => name);
  const order = namesByProducer(producersOf(program.metaGraph.functions(), root), names);
  if (order === null) return usual;
  return {
    ...usual,
    outputs: order.map(at => usual.outputs[at]!),
    call(inputs, context) {
      const results = usual.call(inputs, context);
      return order.map(at => results[at]!);
    },
  };
}
