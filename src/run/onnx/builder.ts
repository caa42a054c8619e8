/**
 * Builds one ONNX graph: names for values, nodes, initializers (numbers in the model, or in place in a file). Graphs of
 * loop bodies and branches are builders of their own that share the names of the outer one.
 */

import {
  type AttributeProto,
  attributeTypes,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../../containers/onnx/schema.ts';
import { elementTypes, tensorMessage } from '../../containers/onnx/types.ts';
import type { Draft } from '../../containers/protobuf/message.ts';
import type { DType } from '../../numbers/dtype.ts';
import type { Shape, Tensor } from '../../numbers/tensor.ts';

/** A named tensor of an ONNX graph. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
}

/** Attributes as plain data; whole numbers are ints unless wrapped by `float`. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: Draft<GraphProto> }
  | { readonly tensor: Tensor };

export type OnnxAttributes = { readonly [name: string]: OnnxAttribute | undefined };

export interface GraphBuilder {
  /** Adds a node and gives its outputs; an input of null is left out. */
  node(
    operator: string,
    inputs: readonly (Value | null)[],
    outputs: readonly DType[],
    attributes?: OnnxAttributes,
    domain?: string,
  ): Value[];
  /** Numbers held in the model. Equal small ones are held once. */
  constant(tensor: Tensor): Value;
  /** An initializer made by the caller; `message` gets the name. */
  initializer(dtype: DType, hint: string, message: (name: string) => Draft<TensorProto>): Value;
  /** A value that the graph is given from outside. */
  input(dtype: DType, shape: Shape, hint: string): Value;
  /** Marks a value as an output; its shape where it is told to users, null inside bodies. */
  output(value: Value, shape: Shape | null): void;
  /** A builder for a body within this graph. */
  body(): GraphBuilder;
  /** The prefix of names of values made from now on: the layer being lowered. */
  scope: string;
  finish(name: string): Draft<GraphProto>;
}

interface Names {
  readonly used: Map<string, number>;
}

export function graphBuilder(names: Names = { used: new Map() }): GraphBuilder {
  const nodes: Draft<NodeProto>[] = [];
  const initializers: Draft<TensorProto>[] = [];
  const inputs: { name: string; dtype: DType; shape: Shape }[] = [];
  const outputs: { name: string; dtype: DType; shape: Shape | null }[] = [];
  const constants = new Map<string, Value>();

  function fresh(hint: string): string {
    const base = builder.scope ? `${builder.scope}/${hint}` : hint;
    const count = names.used.get(base) ?? 0;
    names.used.set(base, count + 1);
    return count === 0 ? base : `${base}:${count}`;
  }

  const builder: GraphBuilder = {
    scope: '',
    node(operator, given, dtypes, attributes = {}, domain = '') {
      const made = dtypes.map(dtype => ({ name: fresh(operator), dtype }));
      nodes.push({
        opType: operator,
        name: made[0]?.name ?? fresh(operator),
        input: given.map(value => value?.name ?? ''),
        output: made.map(value => value.name),
        attribute: attributeMessages(attributes),
        domain,
      });
      return made;
    },
    constant(tensor) {
      const key = constantKey(tensor);
      const known = key === null ? undefined : constants.get(key);
      if (known) return known;
      const made = builder.initializer(tensor.dtype, 'constant', name => tensorMessage(name, tensor));
      if (key !== null) constants.set(key, made);
      return made;
    },
    initializer(dtype, hint, message) {
      const name = fresh(hint);
      initializers.push(message(name));
      return { name, dtype };
    },
    input(dtype, shape, hint) {
      const name = fresh(hint);
      inputs.push({ name, dtype, shape });
      return { name, dtype };
    },
    output(value, shape) {
      outputs.push({ ...value, shape });
    },
    body: () => {
      const inner = graphBuilder(names);
      inner.scope = builder.scope;
      return inner;
    },
    finish(name) {
      return {
        name,
        node: nodes,
        initializer: initializers,
        input: inputs.map(({ name, dtype, shape }) => valueInfo(name, dtype, shape)),
        output: outputs.map(({ name, dtype, shape }) => valueInfo(name, dtype, shape)),
      };
    },
  };
  return builder;
}

/** Identifies small constants by content. */
function constantKey({ dtype, shape, data }: Tensor): string | null {
  return data.length <= 16 ? `${dtype}[${shape.join()}]${Array.from(data as ArrayLike<unknown>, String).join()}` : null;
}

function valueInfo(name: string, dtype: DType, shape: Shape | null) {
  const elemType = elementTypes[dtype];
  if (shape === null) return { name, type: { tensorType: { elemType } } };
  const dim = shape.map(size => (size === null ? {} : { dimValue: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function attributeMessages(attributes: OnnxAttributes): Draft<AttributeProto>[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, ...attributeValue(value!) }));
}

const encoder = new TextEncoder();

function attributeValue(value: OnnxAttribute): Draft<AttributeProto> {
  if (typeof value === 'number') return { int: BigInt(value), type: attributeTypes.int };
  if (typeof value === 'string') return { string: encoder.encode(value), type: attributeTypes.string };
  if (isList(value)) {
    if (value.every(item => typeof item === 'number')) return { ints: value.map(BigInt), type: attributeTypes.ints };
    return { strings: value.map(item => encoder.encode(String(item))), type: attributeTypes.strings };
  }
  if ('float' in value) return { float: value.float, type: attributeTypes.float };
  if ('floats' in value) return { floats: value.floats, type: attributeTypes.floats };
  if ('graph' in value) return { graph: value.graph, type: attributeTypes.graph };
  return { tensor: tensorMessage('', value.tensor), type: attributeTypes.tensor };
}

function isList(value: OnnxAttribute): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}
