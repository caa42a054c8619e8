/**
 * A layer defined by its own traced functions: Keras saves with every layer what its `call` computed, so that a layer
 * whose class nobody defines can be run all the same. Its variables are those that the functions capture.
 */

import { decode } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { type AnyLayerDefinition, type CallArgument, type CallContext, defineLayer } from '../layers/define.ts';
import type { Weight } from '../model/types.ts';
import { castTensor, isSymbolic } from '../ops/convert.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { makeContext } from './lower/context.ts';
import { tensorOf } from './lower/define.ts';
import { type GraphVariable, tensorValue, type Value } from './lower/value.ts';
import { childOf } from './object-graph.ts';
import type { Program } from './program.ts';
import { FunctionSpecProto, type SavedObject } from './schema/objects.ts';
import { encodedLeaves, isSpec, type Leaf, type SpecLeaf } from './structure.ts';

/** One traced variant of a layer's call. */
interface Variant {
  readonly name: string;
  readonly leaves: readonly Leaf[];
  readonly bound: readonly number[];
  /** Results besides losses, in order. */
  readonly outputs: number;
  /** Parameters of the Python function, without self. */
  readonly parameters: readonly string[];
}

export interface LayerFunction {
  readonly definition: AnyLayerDefinition;
  /** The variables that the functions use, named by their path below the layer. */
  readonly weights: readonly Weight[];
}

/** Names under which releases hang a layer's functions on it. */
const functionNames = ['__call__', 'call_and_return_conditional_losses', 'call_and_return_all_conditional_losses'];

/** The definition of the layer that is object `node`, or null where no function of it was saved (`save_traces=False`). */
export function layerFunction(program: Program, node: number, className: string): LayerFunction | null {
  const variants = variantsOf(program, node);
  if (variants.length === 0) return null;
  const captured = capturedVariables(program, variants);
  const keyOf = weightKeys(program.paths.get(node) ?? '', captured);
  const weights = captured.map(
    (variable): Weight => ({
      name: keyOf.get(variable.path)!,
      shape: variable.weight?.shape ?? null,
      trainable: variable.weight?.trainable ?? true,
      tensor: variable.weight?.tensor ?? null,
    }),
  );
  const definition = defineLayer({
    name: className,
    config: {},
    castInputs: false,
    callArguments: variants[0]!.parameters.length > 0 ? variants[0]!.parameters : ['inputs'],
    weights: () =>
      Object.fromEntries(
        captured.map(({ path, shape, dtype, weight }) => {
          const name = keyOf.get(path)!;
          return [name, { name, shape, dtype, trainable: weight?.trainable ?? true, autocast: false }];
        }),
      ),
    mask: 'pass',
    call(_config, given, inputs, _ops, context) {
      const variant = chooseVariant(variants, inputs, context);
      return callVariant(program, variant, inputs, context, path => given[keyOf.get(path) ?? ''] ?? null);
    },
  }) as unknown as AnyLayerDefinition;
  return { definition, weights };
}

function variantsOf(program: Program, node: number): readonly Variant[] {
  const objects = program.metaGraph.objects;
  const object = objects?.nodes[node];
  if (!objects || !object) return [];
  for (const name of functionNames) {
    const saved = functionOf(objects.nodes, object, name);
    const variants = (saved?.concreteFunctions ?? []).flatMap(concrete => {
      const description = objects.concreteFunctions.get(concrete);
      if (!description || !program.metaGraph.functions().has(concrete)) return [];
      const leaves = encodedLeaves(description.canonicalizedInputSignature);
      const results = encodedLeaves(description.outputSignature).filter(isSpec);
      // With losses the result is a pair: what the layer gives, and its losses.
      const outputs = name === '__call__' ? results.length : results.filter(leaf => leaf.path[0] === 0).length;
      return [{ name: concrete, leaves, bound: description.boundInputs, outputs, parameters: parametersOf(saved) }];
    });
    if (variants.length > 0) return variants;
  }
  return [];
}

function functionOf(nodes: readonly SavedObject[], object: SavedObject, name: string): SavedObject['function'] {
  const api = childOf(nodes, object, 'keras_api');
  return childOf(nodes, object, name)?.function ?? (api && childOf(nodes, api, name)?.function);
}

function parametersOf(saved: SavedObject['function']): readonly string[] {
  const spec = saved && saved.functionSpec.length > 0 ? decode(FunctionSpecProto, saved.functionSpec) : undefined;
  const pairs = spec?.fullargspec?.namedTupleValue?.values ?? [];
  const args = pairs.find(pair => pair.key === 'args')?.value;
  const names = (args?.listValue ?? args?.tupleValue)?.values.flatMap(value => value.stringValue ?? []) ?? [];
  return names[0] === 'self' ? names.slice(1) : names;
}

function capturedVariables(program: Program, variants: readonly Variant[]): readonly GraphVariable[] {
  const found = new Map<string, GraphVariable>();
  for (const node of new Set(variants.flatMap(variant => variant.bound))) {
    const value = program.object(node);
    if (value.kind === 'variable') found.set(value.variable.path, value.variable);
  }
  return [...found.values()];
}

/** Names for variables inside the layer: the attribute, or attributes joined by a point. */
function weightKeys(layer: string, captured: readonly GraphVariable[]): ReadonlyMap<string, string> {
  const keys = captured.map(({ path }) => (path.startsWith(`${layer}/`) ? path.slice(layer.length + 1) : path));
  return new Map(captured.map(({ path }, at) => [path, keys[at]!.replaceAll('/', '.')]));
}

/** The variant traced for inference whose tensors are as many and of the ranks of those given. */
function chooseVariant(variants: readonly Variant[], inputs: readonly SymbolicTensor[], context: CallContext): Variant {
  const ranked = variants
    .map(variant => ({ variant, faults: faultsOf(variant, inputs) }))
    .sort((a, b) => a.faults - b.faults);
  const [best] = ranked;
  if (best && best.faults < tooMany) return best.variant;
  throw new LoadstoneError('unsupported', `no function of layer "${context.layerName}" was saved for such inputs`, {
    where: `layer ${context.layerName}`,
    do: 'Give the layer its definition with customObjects or --custom.',
  });
}

const tooMany = 1000;

function faultsOf({ leaves }: Variant, inputs: readonly SymbolicTensor[]): number {
  const first = inputLeaves(leaves);
  if (first.length !== inputs.length) return tooMany;
  const ranks = first.some(({ shape }, at) => shape !== null && shape.length !== inputs[at]!.shape.length);
  const sizes = first.filter(({ shape }, at) =>
    shape?.some((size, axis) => size !== null && size !== inputs[at]!.shape[axis]),
  );
  const training = leaves.filter(leaf => !isSpec(leaf) && leaf.plain === true).length;
  return (ranks ? tooMany : 0) + 10 * training + sizes.length;
}

/** Tensors of the first argument. */
function inputLeaves(leaves: readonly Leaf[]): readonly SpecLeaf[] {
  return leaves.filter((leaf): leaf is SpecLeaf => isSpec(leaf) && leaf.path[0] === 0 && leaf.path[1] === 0);
}

function callVariant(
  program: Program,
  variant: Variant,
  inputs: readonly SymbolicTensor[],
  context: CallContext,
  weight: (path: string) => SymbolicTensor | null,
): readonly SymbolicTensor[] {
  const functions = program.metaGraph.functions();
  const tracing = makeContext({
    functions,
    where: `layer ${context.layerName}`,
    stateful: new Set(),
    resource: node => program.resource(node),
    given: weight,
  });
  const left = [...inputs];
  const tensors = variant.leaves.filter(isSpec).map(leaf => {
    const isFirst = leaf.path[0] === 0 && leaf.path[1] === 0;
    const tensor = isFirst ? left.shift()! : argumentAt(leaf, variant, inputs, context);
    return tensorValue(leaf.dtype === null || tensor.dtype === leaf.dtype ? tensor : castTensor(tensor, leaf.dtype));
  });
  const captured: readonly Value[] = variant.bound.map(node => program.object(node));
  const results = tracing.call(variant.name, [...tensors, ...captured]);
  return results.slice(0, variant.outputs).map(value => tensorOf(value, `layer ${context.layerName}`));
}

/** A tensor argument besides the inputs: by its parameter's name, a mask from what came with the inputs. */
function argumentAt(
  leaf: SpecLeaf,
  variant: Variant,
  inputs: readonly SymbolicTensor[],
  context: CallContext,
): SymbolicTensor {
  const [group, position, ...inside] = leaf.path;
  const name = group === 1 ? String(position) : variant.parameters[Number(position)];
  let value: CallArgument | undefined = name === undefined ? undefined : context.arguments[name];
  for (const key of inside) value = (value as { readonly [key: string | number]: CallArgument } | undefined)?.[key];
  if (isSymbolic(value)) return value;
  const mask = name === 'mask' ? context.masks[Number(inside[0] ?? 0)] : null;
  if (mask) return mask;
  throw new LoadstoneError(
    'unsupported',
    `layer "${context.layerName}" was saved with an argument "${name}", which is not given`,
    { where: `layer ${context.layerName}, ${inputs.length} inputs` },
  );
}
