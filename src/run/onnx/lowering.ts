/**
 * What turns recorded operations into nodes of an ONNX graph. A value may exist with its channels last, as Keras has
 * them, or first, as ONNX's convolutions want them; either form is made from the other only when someone needs it, so
 * that a chain of convolutions, normalizations and activations never moves its axes.
 */

import { elementTypes } from '../../containers/onnx/types.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { type DType, isFloating } from '../../numbers/dtype.ts';
import { packNumbers } from '../../numbers/pack.ts';
import type { Shape, Tensor } from '../../numbers/tensor.ts';
import type { OpNode, Subgraph, SymbolicTensor } from '../../ops/types.ts';
import { nodesInside, tensorKey } from '../graph.ts';
import type { GraphBuilder, OnnxAttributes, Value } from './builder.ts';
import { kernelTypes } from './kernel-types.ts';

/** One result of a rule: in Keras's order of axes, or with the last axis moved to place 1. */
export type Lowered = { readonly plain: Value } | { readonly channelsFirst: Value };

/** Lowers one node; gives a result for each of its outputs. */
export type Rule = (node: OpNode, lowering: Lowering) => readonly Lowered[];

export interface EmitOptions {
  /** dtype of the result where it is not that of the first input. */
  readonly dtype?: DType;
  /** How many outputs, all of one dtype. */
  readonly outputs?: number;
  /** Which inputs have the type that the operator is chosen by; all where left out. */
  readonly typed?: readonly number[];
  readonly domain?: string;
}

export interface Lowering {
  readonly graph: GraphBuilder;
  /** Elements of a convolution's kernel from which on it is left as it lies. */
  readonly largeKernel: number;
  /** A tensor in Keras's order of axes. */
  plain(tensor: SymbolicTensor): Value;
  /** A tensor with its last axis at place 1; of rank 2 and less it is the plain one. */
  channelsFirst(tensor: SymbolicTensor): Value;
  /** A tensor under another shape of as many elements; a weight that lies plain is used in place under that shape. */
  reshaped(tensor: SymbolicTensor, shape: readonly number[]): Value;
  /** True where a tensor exists only with its channels first. */
  isChannelsFirst(tensor: SymbolicTensor): boolean;
  /** True where somebody uses this output of a node. */
  isUsed(node: OpNode, index: number): boolean;
  /** Adds a node; inputs are cast where ONNX Runtime has no kernel for their dtype, and the result back. */
  emit(operator: string, inputs: readonly (Value | null)[], attributes?: OnnxAttributes, options?: EmitOptions): Value;
  emitAll(
    operator: string,
    inputs: readonly (Value | null)[],
    attributes?: OnnxAttributes,
    options?: EmitOptions,
  ): Value[];
  cast(value: Value, dtype: DType): Value;
  transpose(value: Value, axes: readonly number[]): Value;
  /** Whole numbers on one axis. */
  int64(values: readonly number[]): Value;
  scalar(value: number, dtype: DType): Value;
  /** Sizes on one axis: those known, and scalars where they are null. */
  sizes(known: Shape, dynamic: readonly SymbolicTensor[]): Value;
  /** A graph for a body with these tensors as its inputs. */
  bodyOf(
    body: Subgraph,
    inputs: (inner: Lowering) => readonly Value[],
    outputs?: (inner: Lowering, results: readonly Value[]) => readonly Value[],
  ): { readonly graph: ReturnType<GraphBuilder['finish']> };
  /** Lowers a body in place, its inputs being these values. */
  inline(body: Subgraph, inputs: readonly Value[]): readonly Value[];
}

/** The dtype in which a tensor is computed and passed on: short floats are float32, rounded where they are made. */
export function carrierOf(dtype: DType): DType {
  return isFloating(dtype) && dtype !== 'float64' ? 'float32' : dtype;
}

/** dtypes to go to where an operator has no kernel for one, best first. */
const substitutes: { readonly [dtype: string]: readonly DType[] } = {
  float64: ['float32'],
  float32: ['float64'],
  int64: ['int32', 'float64', 'float32'],
  int32: ['int64', 'float64', 'float32'],
  uint64: ['int64', 'float64', 'float32'],
  uint32: ['int64', 'uint64', 'float64', 'float32'],
  int16: ['int32', 'int64', 'float32'],
  uint16: ['int32', 'int64', 'uint32', 'float32'],
  int8: ['int32', 'int64', 'float32'],
  uint8: ['int32', 'int64', 'float32'],
  bool: ['uint8', 'int32', 'float32'],
};

/** The dtype in which ONNX Runtime computes `operator` on `dtype`, or null where it cannot. */
export function computedAs(operator: string, dtype: DType): DType | null {
  const types = kernelTypes[operator]?.split(' ');
  if (!types || types.includes(dtype)) return dtype;
  return substitutes[dtype]?.find(other => types.includes(other)) ?? null;
}

/** What exists of a tensor: either layout, or a weight that is made when someone asks for it. */
interface Forms {
  plain?: Value;
  channelsFirst?: Value;
  readonly weight?: (shape: readonly number[]) => Value;
}

interface Scope {
  readonly values: Map<string, Forms>;
  readonly outer: (Lowering & { readonly scope: Scope }) | null;
}

interface Setting {
  readonly rules: { readonly [op: string]: Rule };
  readonly used: ReadonlySet<string>;
  /** Elements of a convolution's kernel from which on it is left as it lies; see `onnx/convolution.ts`. */
  readonly largeKernel: number;
}

/** A lowering to which values can be given from outside. */
export interface OpenLowering extends Lowering {
  bind(tensor: SymbolicTensor, value: Value): void;
  /** Declares a weight; `make` is called with each shape under which it is wanted. */
  bindWeight(tensor: SymbolicTensor, make: (shape: readonly number[]) => Value): void;
  run(nodes: readonly OpNode[]): void;
}

/** Starts lowering into `graph`. */
export function startLowering(graph: GraphBuilder, setting: Setting): OpenLowering {
  return makeLowering(graph, setting, { values: new Map(), outer: null });
}

function makeLowering(graph: GraphBuilder, setting: Setting, scope: Scope): OpenLowering & { readonly scope: Scope } {
  const formsOf = (tensor: SymbolicTensor) => scope.values.get(tensorKey(tensor));

  function missing(tensor: SymbolicTensor): never {
    throw new LoadstoneError('unsupported', `a value of "${tensor.node.op}" is used before it is computed`, {
      where: tensor.node.scope,
    });
  }

  const lowering = {
    graph,
    largeKernel: setting.largeKernel,
    scope,
    bind(tensor: SymbolicTensor, value: Value) {
      scope.values.set(tensorKey(tensor), { plain: value });
    },
    bindWeight(tensor: SymbolicTensor, weight: (shape: readonly number[]) => Value) {
      scope.values.set(tensorKey(tensor), { weight });
    },
    reshaped(tensor: SymbolicTensor, shape: readonly number[]): Value {
      const forms = formsOf(tensor);
      if (!forms && scope.outer) return scope.outer.reshaped(tensor, shape);
      if (forms?.weight) return forms.weight(shape);
      return lowering.emit('Reshape', [lowering.plain(tensor), lowering.int64(shape)], {}, { typed: [0] });
    },
    plain(tensor: SymbolicTensor): Value {
      const forms = formsOf(tensor);
      if (!forms) return scope.outer ? scope.outer.plain(tensor) : missing(tensor);
      if (!forms.plain && forms.weight) forms.plain = forms.weight(tensor.shape as readonly number[]);
      if (!forms.plain) {
        const rank = tensor.shape.length;
        forms.plain = lowering.transpose(forms.channelsFirst!, [
          0,
          ...Array.from({ length: rank - 2 }, (_, at) => at + 2),
          1,
        ]);
      }
      return forms.plain;
    },
    channelsFirst(tensor: SymbolicTensor): Value {
      const rank = tensor.shape.length;
      if (rank <= 2) return lowering.plain(tensor);
      const forms = formsOf(tensor);
      if (!forms) return scope.outer ? scope.outer.channelsFirst(tensor) : missing(tensor);
      if (!forms.channelsFirst) {
        forms.channelsFirst = lowering.transpose(lowering.plain(tensor), [
          0,
          rank - 1,
          ...Array.from({ length: rank - 2 }, (_, at) => at + 1),
        ]);
      }
      return forms.channelsFirst;
    },
    isChannelsFirst(tensor: SymbolicTensor): boolean {
      const forms = formsOf(tensor);
      if (!forms) return scope.outer?.isChannelsFirst(tensor) ?? false;
      return forms.plain === undefined && forms.weight === undefined;
    },
    isUsed: (node: OpNode, index: number) => setting.used.has(`${node.id}:${index}`),
    emitAll(
      operator: string,
      inputs: readonly (Value | null)[],
      attributes: OnnxAttributes = {},
      options: EmitOptions = {},
    ): Value[] {
      const typed = options.typed ?? inputs.map((_, at) => at);
      const given = inputs[typed[0]!]!.dtype;
      const working = options.domain ? given : computedAs(operator, given);
      if (working === null) {
        throw new LoadstoneError('unsupported', `ONNX Runtime has no ${operator} for ${given}`, { where: graph.scope });
      }
      const cast = inputs.map((input, at) => (input && typed.includes(at) ? lowering.cast(input, working) : input));
      const count = options.outputs ?? 1;
      const raw = options.dtype ?? working;
      const made = graph.node(operator, cast, new Array<DType>(count).fill(raw), attributes, options.domain);
      return options.dtype ? made : made.map(value => lowering.cast(value, given));
    },
    emit(
      operator: string,
      inputs: readonly (Value | null)[],
      attributes: OnnxAttributes = {},
      options: EmitOptions = {},
    ): Value {
      return lowering.emitAll(operator, inputs, attributes, options)[0]!;
    },
    cast(value: Value, dtype: DType): Value {
      if (value.dtype === dtype) return value;
      return graph.node('Cast', [value], [dtype], { to: elementTypes[dtype] })[0]!;
    },
    transpose: (value: Value, axes: readonly number[]): Value =>
      axes.every((axis, at) => axis === at) ? value : lowering.emit('Transpose', [value], { perm: axes }),
    int64: (values: readonly number[]): Value =>
      graph.constant({ dtype: 'int64', shape: [values.length], data: packNumbers(values, 'int64') }),
    scalar: (value: number, dtype: DType): Value => graph.constant(scalarTensor(value, dtype)),
    sizes(known: Shape, dynamic: readonly SymbolicTensor[]): Value {
      const rest = [...dynamic];
      if (known.every(size => size !== null)) return lowering.int64(known as number[]);
      const parts: Value[] = [];
      let run: number[] = [];
      const flush = () => {
        if (run.length > 0) parts.push(lowering.int64(run));
        run = [];
      };
      for (const size of known) {
        if (size !== null) {
          run.push(size);
          continue;
        }
        flush();
        const scalar = lowering.cast(lowering.plain(rest.shift()!), 'int64');
        parts.push(lowering.emit('Reshape', [scalar, lowering.int64([1])], {}, { typed: [0] }));
      }
      flush();
      return parts.length === 1 ? parts[0]! : lowering.emit('Concat', parts, { axis: 0 });
    },
    bodyOf(
      body: Subgraph,
      inputs: (inner: Lowering) => readonly Value[],
      outputs: (inner: Lowering, results: readonly Value[]) => readonly Value[] = (_, results) => results,
    ) {
      const innerGraph = graph.body();
      const inner = makeLowering(innerGraph, setting, { values: new Map(), outer: lowering });
      const results = inner.inline(body, inputs(inner));
      const copied = outputs(inner, results).map(value => innerGraph.node('Identity', [value], [value.dtype])[0]!);
      for (const value of copied) innerGraph.output(value, null);
      return { graph: innerGraph.finish('body') };
    },
    inline(body: Subgraph, inputs: readonly Value[]): readonly Value[] {
      const inner = makeLowering(graph, setting, { values: new Map(), outer: lowering });
      body.inputs.forEach((input, at) => {
        inner.bind(input, inputs[at]!);
      });
      inner.run(nodesInside(body));
      return body.outputs.map(output => inner.plain(output));
    },
    run(nodes: readonly OpNode[]) {
      for (const node of nodes) runRule(node, setting.rules, lowering, scope.values);
    },
  };
  return lowering;
}

function runRule(node: OpNode, rules: Setting['rules'], lowering: Lowering, values: Map<string, Forms>): void {
  const rule = rules[node.op];
  if (!rule) throw new LoadstoneError('unsupported', `operation "${node.op}" has no ONNX form`, { where: node.scope });
  lowering.graph.scope = node.scope;
  rule(node, lowering).forEach((result, index) => {
    values.set(`${node.id}:${index}`, { ...result });
  });
}

/** A scalar of a dtype that ONNX Runtime computes in. */
function scalarTensor(value: number, dtype: DType): Tensor {
  return { dtype, shape: [], data: packNumbers([value], dtype) };
}
