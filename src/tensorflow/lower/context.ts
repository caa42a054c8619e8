/** What is shared while one program is traced: calls of its functions, what its variables hold, where resources come from. */

import type { DType } from '../../numbers/dtype.ts';
import { isStatic } from '../../numbers/tensor.ts';
import { castTensor } from '../../ops/convert.ts';
import { record } from '../../ops/record.ts';
import type { SymbolicTensor } from '../../ops/types.ts';
import type { FunctionLibrary } from '../function-library.ts';
import { type Context, type OpView, unsupported } from './define.ts';
import { evaluateFunction } from './graph.ts';
import type { GraphVariable, TableContents, Value } from './value.ts';

/** A weight of the graph with the variable that it stands for. */
export interface ReadVariable {
  readonly tensor: SymbolicTensor;
  readonly variable: GraphVariable;
}

/** A variable that the graph changes: what it held before, and what it holds after. */
export interface AssignedVariable {
  readonly variable: GraphVariable;
  readonly before: SymbolicTensor;
  after: SymbolicTensor;
}

export interface ContextOptions {
  readonly functions: FunctionLibrary;
  readonly where: string;
  /** Variables that the graph changes, by path; reading them gives a state and not a weight. */
  readonly stateful: ReadonlySet<string>;
  readonly resource: (node: OpView) => Value;
  /** Lines of files that came with the SavedModel, by name. */
  readonly lines?: ReadonlyMap<string, readonly string[]>;
  /** Tensors that already stand for variables, by path: those of a layer that is being called. */
  readonly given?: (path: string) => SymbolicTensor | null;
}

export interface TracingContext extends Context {
  readonly reads: ReadonlyMap<string, ReadVariable>;
  readonly assigned: ReadonlyMap<string, AssignedVariable>;
  /** What initializers filled tables with, by path. */
  readonly filled: ReadonlyMap<string, TableContents>;
}

/** Calls of functions inside functions that are followed; Keras nests about ten deep. */
const maxDepth = 100;

export function makeContext({ functions, where, stateful, resource, lines, given }: ContextOptions): TracingContext {
  const reads = new Map<string, ReadVariable>();
  const assigned = new Map<string, AssignedVariable>();
  const filled = new Map<string, TableContents>();
  let depth = 0;
  let inBranch = 0;
  const stateOf = (variable: GraphVariable): AssignedVariable => {
    const known = assigned.get(variable.path);
    if (known) return known;
    const before = leaf('input', variable, where);
    const made = { variable, before, after: before };
    assigned.set(variable.path, made);
    return made;
  };
  const context: TracingContext = {
    functions,
    where,
    reads,
    assigned,
    filled,
    resource,
    fill: (table, contents) => void filled.set(table.path, contents),
    lines(filename) {
      const text = lines?.get(filename);
      if (!text) throw unsupported(where, `the file ${filename}, which was not read`);
      return text;
    },
    call(func, inputs) {
      const name = typeof func === 'string' ? func : func.name;
      if (depth >= maxDepth) throw unsupported(where, `functions that call each other more than ${maxDepth} deep`);
      depth += 1;
      try {
        return evaluateFunction(functions.get(name), inputs, `${where}, function ${name}`, context);
      } finally {
        depth -= 1;
      }
    },
    nested(body) {
      inBranch += 1;
      try {
        return body();
      } finally {
        inBranch -= 1;
      }
    },
    read(variable) {
      const standing = given?.(variable.path);
      if (standing) return standing;
      if (stateful.has(variable.path)) return stateOf(variable).after;
      const known = reads.get(variable.path);
      if (known) return known.tensor;
      const tensor = leaf('weight', variable, where);
      reads.set(variable.path, { tensor, variable });
      return tensor;
    },
    assign(variable, value) {
      if (inBranch > 0) throw unsupported(where, 'a variable that is changed in a branch or a loop');
      stateOf(variable).after = castTensor(value, variable.dtype as DType);
    },
  };
  return context;
}

function leaf(op: 'input' | 'weight', variable: GraphVariable, where: string): SymbolicTensor {
  const { path, shape, dtype, weight } = variable;
  const known = weight?.tensor?.shape ?? shape;
  if (!isStatic(known)) throw unsupported(where, `the variable ${path} of unknown shape`);
  return record(op, [], { name: path }, { shape: known, dtype });
}
