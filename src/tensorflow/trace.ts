/**
 * Traces a signature or function of a SavedModel to one symbolic graph, in the form in which a traced Keras model comes: the
 * runtime compiles either without knowing which it is.
 */

import { dtypeOfNumber } from '../containers/table/datatype.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { TracedModel } from '../layers/trace.ts';
import { inputTensor } from '../layers/tracing.ts';
import type { DType } from '../numbers/dtype.ts';
import type { Shape } from '../numbers/tensor.ts';
import type { SymbolicTensor } from '../ops/types.ts';
import { shapeOf } from './lower/attributes.ts';
import { makeContext, type TracingContext } from './lower/context.ts';
import { tensorOf } from './lower/define.ts';
import { evaluate } from './lower/graph.ts';
import { tensorValue, type Value } from './lower/value.ts';
import { childOf } from './object-graph.ts';
import type { Program } from './program.ts';
import type { SignatureDef } from './schema/saved-model.ts';
import { encodedLeaves, isSpec } from './structure.ts';
import { wrappedOrder } from './wrapper.ts';

/** A tensor that goes in or comes out, by name. */
export interface Port {
  readonly name: string;
  /** Null for an unknown rank. */
  readonly shape: Shape | null;
  readonly dtype: DType;
}

/** Something of a program that can be called: what it takes and gives, in order. */
export interface Callable {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  call(inputs: readonly SymbolicTensor[], context: TracingContext): readonly Value[];
}

export interface TraceCallableOptions {
  /** Shapes for inputs, by name, in place of what the signature says. */
  readonly inputShapes?: { readonly [name: string]: Shape };
}

/** Traces a callable. Throws `unsupported` naming the operation, `bad-input` where an input's rank is not known. */
export function traceCallable(program: Program, callable: Callable, options: TraceCallableOptions = {}): TracedModel {
  const first = traceOnce(program, callable, options, new Set());
  if (first.assigned.size === 0) return first.traced;
  // A variable that is changed lives on from call to call: trace again with it as a state.
  return traceOnce(program, callable, options, new Set(first.assigned.keys())).traced;
}

function traceOnce(program: Program, callable: Callable, options: TraceCallableOptions, stateful: ReadonlySet<string>) {
  const context = makeContext({
    functions: program.metaGraph.functions(),
    where: program.name,
    stateful,
    resource: node => program.resource(node),
  });
  const inputs = callable.inputs.map(({ name, shape: declared, dtype }) => {
    const shape = options.inputShapes?.[name] ?? declared;
    if (shape === null) throw unknownShape(name);
    return { spec: { name, shape, dtype }, tensor: inputTensor(name, shape, dtype) };
  });
  const values = callable.call(
    inputs.map(input => input.tensor),
    context,
  );
  const outputs = callable.outputs.map(({ name }, index) => {
    const tensor = tensorOf(values[index]!, `${program.name}, ${callable.name}, output ${name}`);
    return { spec: { name, shape: tensor.shape, dtype: tensor.dtype }, tensor, mask: null };
  });
  return { traced: { inputs, outputs, ...variablesOf(context) }, assigned: context.assigned };
}

function unknownShape(name: string): LoadstoneError {
  return new LoadstoneError('bad-input', `the shape of the input "${name}" is not known`, {
    where: `input ${name}`,
    do: 'The signature takes tensors of any rank; give the shape of this input.',
  });
}

/** Weights and states that tracing met, as the runtime wants them. */
export function variablesOf(context: TracingContext): Pick<TracedModel, 'weights' | 'states'> {
  return {
    weights: [...context.reads].map(([path, { tensor, variable }]) => ({ tensor, path, weight: variable.weight })),
    states: [...context.assigned].map(([path, { variable, before, after }]) => ({
      path,
      shape: before.shape as readonly number[],
      dtype: before.dtype,
      before,
      after,
      initial: variable.weight?.tensor ?? null,
    })),
  };
}

/** The signatures of a program by name, without the one that only initialises. */
export function signaturesOf(program: Program): ReadonlyMap<string, Callable> {
  const found = new Map<string, Callable>();
  for (const [name, signature] of program.metaGraph.signatures) {
    if (name === '__saved_model_init_op') continue;
    found.set(name, signatureFunction(program, name) ?? graphSignature(program, name, signature));
  }
  return found;
}

/** A signature of TF2: a function among the objects, with names for arguments and results. */
function signatureFunction(program: Program, name: string): Callable | null {
  const nodes = program.metaGraph.objects?.nodes;
  const signatures = nodes?.[0] && childOf(nodes, nodes[0], 'signatures');
  const bare = signatures && childOf(nodes, signatures, name)?.bareConcreteFunction;
  return bare ? concreteFunction(program, bare.concreteFunctionName, name) : null;
}

/** A traced variant of a Python function, by its name in the library. Null where the object graph does not describe it. */
export function concreteFunction(program: Program, functionName: string, name = functionName): Callable | null {
  const saved = program.metaGraph.objects?.concreteFunctions.get(functionName);
  if (!saved || !program.metaGraph.functions().has(functionName)) return null;
  const inputs = encodedLeaves(saved.canonicalizedInputSignature).filter(isSpec);
  const outputs = encodedLeaves(saved.outputSignature).filter(isSpec);
  const order = wrappedOrder(program.metaGraph.functions(), functionName, inputs.length, outputs.length);
  const port = (leaf: (typeof inputs)[number], index: number, kind: string): Port => ({
    name: String(leaf.path.findLast(part => typeof part === 'string') ?? (leaf.name || `${kind}_${index}`)),
    shape: leaf.shape,
    dtype: leaf.dtype ?? 'float32',
  });
  return {
    name,
    inputs: order.inputs.map(at => port(inputs[at]!, at, 'input')),
    outputs: order.outputs.map(at => port(outputs[at]!, at, 'output')),
    call(given, context) {
      const captured = saved.boundInputs.map(node => program.object(node));
      const sorted = inputs.map((_, at) => tensorValue(given[order.inputs.indexOf(at)]!));
      const results = context.call(functionName, [...sorted, ...captured]);
      return order.outputs.map(at => results[at]!);
    },
  };
}

/** A signature of TF1: tensors of the main graph that are fed and fetched. */
function graphSignature(program: Program, name: string, signature: SignatureDef): Callable {
  const sorted = <T>(entries: ReadonlyMap<string, T>) => [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const inputs = sorted(signature.inputs);
  const outputs = sorted(signature.outputs);
  const port = ([key, info]: (typeof inputs)[number]): Port => ({
    name: key,
    shape: info.tensorShape ? shapeOf(info.tensorShape) : [],
    dtype: dtypeOfNumber(info.dtype) ?? 'float32',
  });
  const tensorName = ([key, info]: (typeof inputs)[number]) => {
    if (info.name !== undefined) return info.name;
    throw new LoadstoneError('unsupported', `"${key}" of the signature ${name} is a sparse or ragged tensor`, {
      where: program.name,
    });
  };
  return {
    name,
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    call(given, context) {
      const feeds = inputs.map((input, index) => [tensorName(input), given[index]!] as const);
      return evaluateGraph(program, feeds, outputs.map(tensorName), context);
    },
  };
}

/** Fetches tensors of the main graph with others fed. */
export function evaluateGraph(
  program: Program,
  feeds: readonly (readonly [string, SymbolicTensor])[],
  fetches: readonly string[],
  context: TracingContext,
): readonly Value[] {
  const graph = program.metaGraph.graph();
  const given = new Map(feeds.map(([name, tensor]) => [name.replace(/:0$/, ''), [tensorValue(tensor)]] as const));
  const body = { nodes: new Map(graph.node.map(node => [node.name, node])), given, where: program.name };
  return evaluate(body, fetches, [], context);
}
