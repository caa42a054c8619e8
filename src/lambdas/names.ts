/**
 * Names that a function expects from the script that trained the model: what they stand for by convention or by how
 * they are used, and which of them the loaders of each era would have had in their own module.
 */

import type { CodeObject } from '../containers/marshal/index.ts';
import { allowedAt, namespaces } from './allowed/index.ts';
import type { Instruction } from './instructions.ts';
import type { LambdaEra } from './machine/session.ts';

/** What people call the packages. */
const conventions: Readonly<Record<string, string>> = {
  K: 'keras.backend',
  KB: 'keras.backend',
  backend: 'keras.backend',
  keras_backend: 'keras.backend',
  tf: 'tensorflow',
  tensorflow: 'tensorflow',
  np: 'numpy',
  numpy: 'numpy',
  jnp: 'jax.numpy',
  keras: 'keras',
  ops: 'keras.ops',
  kops: 'keras.ops',
  layers: 'keras.layers',
  activations: 'keras.activations',
  math: 'math',
  functools: 'functools',
  operator: 'operator',
  nn: 'tensorflow.nn',
};

/** Builtins that are no functions to call with tensors, but that plain code names. */
const builtinNames = new Set(
  [
    'abs all any bool callable dict divmod enumerate filter float frozenset getattr hasattr hash id int isinstance issubclass iter len list map max min next object',
    'pow print range repr reversed round set setattr slice sorted str sum super tuple type vars xrange zip open exec eval compile __import__ globals locals input',
    'breakpoint exit quit delattr dir chr ord bytes bytearray memoryview complex format unicode long basestring reduce file execfile raw_input apply',
    'Exception BaseException ValueError TypeError AssertionError NotImplementedError RuntimeError KeyError IndexError AttributeError StopIteration ImportError NameError ZeroDivisionError Ellipsis NotImplemented True False None __name__ __file__ __builtins__',
  ].flatMap(line => line.split(' ')),
);

/** True for names that Python itself provides. */
export function isBuiltin(name: string): boolean {
  return builtinNames.has(name);
}

export interface NeededName {
  readonly name: string;
  /** Full name of the package that it stands for; null where only the training script tells. */
  readonly means: string | null;
  /** What the code takes from it: `l2_normalize`, `nn.relu`. */
  readonly uses: readonly string[];
}

/** Global names that programs use, other than Python's own, in the order of their first use. */
export function neededNames(programs: readonly (readonly Instruction[])[]): NeededName[] {
  const uses = new Map<string, Set<string>>();
  for (const instructions of programs) {
    instructions.forEach((instruction, index) => {
      if (instruction.op !== 'load' || instruction.scope !== 'global' || isBuiltin(instruction.name)) return;
      const found = uses.get(instruction.name) ?? new Set();
      uses.set(instruction.name, found);
      const path = attributePath(instructions, index);
      if (path) found.add(path);
    });
  }
  return [...uses].map(([name, paths]) => ({ name, means: meaningOf(name, [...paths]), uses: [...paths] }));
}

/** Attributes that follow the load at `index`: `nn.relu`. */
export function attributePath(instructions: readonly Instruction[], index: number): string {
  const parts: string[] = [];
  for (let at = index + 1; ; at += 1) {
    const next = instructions[at];
    if (next?.op !== 'attribute') return parts.join('.');
    parts.push(next.name);
  }
}

/** The package behind a name: by convention, or the only one that has everything the code takes from it. */
export function meaningOf(name: string, uses: readonly string[]): string | null {
  const conventional = Object.hasOwn(conventions, name) ? conventions[name] : undefined;
  if (conventional !== undefined) return conventional;
  if (uses.length === 0) return null;
  const fitting = [...namespaces.keys()].filter(
    namespace => namespace !== 'builtins' && uses.every(use => allowedAt(`${namespace}.${use}`) !== undefined),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/**
 * Names in the module in which each Keras makes the function anew (`keras/layers/core.py`, later `lambda_layer.py`;
 * in Keras 3 `utils/python_utils.py`). tf.keras adds those of the module recorded in the config when it is imported.
 */
const coreNames = ['K', 'np', 'copy', 'warnings', 'activations', 'regularizers', 'constraints'];

export function loaderNames(era: Pick<LambdaEra, 'line' | 'keras'>): readonly string[] {
  const [major = 0, minor = 0] = (era.keras ?? '').split('.').map(Number);
  switch (era.line) {
    case 'keras1':
      return [...coreNames, 'initializations'];
    case 'keras2':
      return [...coreNames, 'initializers'];
    case 'tf.keras':
      if (major === 2 && minor >= 7) return ['tf', 'np', 'sys', 'warnings'];
      return major === 2 && minor === 6 ? [...coreNames, 'initializers', 'tf'] : [...coreNames, 'initializers'];
    case 'tf_keras':
      return ['tf', 'np', 'sys', 'warnings'];
    case 'keras3':
      return ['os', 'marshal', 'codecs', 'binascii'];
    default:
      return [];
  }
}

/** Every function body in a code object, itself first. */
export function bodiesOf(code: CodeObject): CodeObject[] {
  return [code, ...code.constants.flatMap(value => (value.kind === 'code' ? bodiesOf(value.code) : []))];
}
