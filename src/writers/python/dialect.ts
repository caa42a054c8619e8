/** How a release is spoken to in Python: its imports, the namespaces in which it keeps things, which arguments are its defaults. */

import { releaseOf } from '../../eras/signatures/index.ts';
import { isTarget, type Target, targetForm } from '../../eras/write/target.ts';
import type { Json, JsonObject } from '../../model/types.ts';

export interface PythonDialect {
  readonly target: Target;
  readonly imports: readonly string[];
  /** Constructor of a built-in class, with its namespace: `layers.Dense`, `keras.regularizers.L2`. */
  constructorOf(space: Space, className: string): string;
  /** Arguments that the constructor cannot do without. */
  required(space: Space, className: string): readonly string[];
  /** True for arguments that the constructor of that class takes for granted. */
  isDefault(space: Space, className: string, key: string, value: Json): boolean;
}

export type Space = 'layers' | 'initializers' | 'regularizers' | 'constraints';

const namespaces: Readonly<Record<string, string>> = {
  'tf.keras': 'from tensorflow import keras',
  tf_keras: 'import tf_keras as keras',
};

export function pythonDialect(target: Target): PythonDialect {
  const { line, keras, tensorflow } = target;
  const release = releaseOf(line, line === 'tf.keras' ? (tensorflow ?? keras) : keras);
  const path = (space: Space, className: string): string => {
    const place = ['', 'experimental.', 'experimental.preprocessing.'].find(inner =>
      release.has(space, inner + className),
    );
    return `${space}.${place ?? ''}${className}`;
  };
  const required = (space: Space, className: string): string[] => {
    const known = release.classAt(space, path(space, className).slice(space.length + 1))?.parameters ?? [];
    return known.filter(parameter => parameter.required).map(({ name }) => name);
  };
  return {
    target,
    required,
    imports: [
      namespaces[line] ?? 'import keras',
      line === 'tf.keras' ? 'layers = keras.layers' : `from ${packageOf(line)} import layers`,
    ],
    constructorOf: (space, className) => (space === 'layers' ? '' : 'keras.') + path(space, className),
    isDefault(space, className, key, value) {
      const example = targetForm(target, space, className)?.[key];
      // None has to be said where it is not what the constructor takes for granted.
      if (value === null) return (example ?? null) === null;
      if (required(space, className).includes(key) || example === undefined) return false;
      return key.endsWith('_initializer') ? sameInitializer(example, value) : isPlain(value) && example === value;
    },
  };
}

function packageOf(line: string): string {
  return line === 'tf_keras' ? 'tf_keras' : 'keras';
}

/** Sizes in an example are the example's own; words, switches and zeros are the constructor's defaults. */
function isPlain(value: Json): boolean {
  return typeof value === 'boolean' || typeof value === 'string' || value === 0;
}

/** Keras 2 writes Glorot's scheme as the variance scaling that it is. */
const glorot = { scale: 1, mode: 'fan_avg', distribution: 'uniform' };

function sameInitializer(a: Json, b: Json): boolean {
  const told = (value: Json): Json => {
    if (typeof value === 'string') return [classOfFunction(value), []];
    const { class_name: className, config } = (value ?? {}) as JsonObject;
    const plain =
      className === 'GlorotUniform' ? ['VarianceScaling', glorot] : [className ?? null, (config ?? {}) as JsonObject];
    const [name, words] = plain as [string, JsonObject];
    const said = Object.entries(words).filter(([key, held]) => key !== 'seed' && held !== null);
    return [name.replace('Initializer', ''), said.sort().map(([key, held]) => [key, held] as Json)];
  };
  return JSON.stringify(told(a)) === JSON.stringify(told(b));
}

/** The name of a dtype policy, however the release writes it. */
export function policyName(value: Json): Json {
  const config = (value as JsonObject | null)?.config as JsonObject | undefined;
  return typeof value === 'object' && typeof config?.name === 'string' ? config.name : value;
}

/** True where the release has operations of its own that work on tensors of a graph. */
export function hasOperations(target: Target): boolean {
  return target.line === 'keras3' || target.line === 'tf_keras' || isTarget(target, 'tf.keras', '2.4');
}

/** Names of functions stand for classes: `glorot_uniform`. */
function classOfFunction(name: string): string {
  return name.replace(/(^|_)([a-z])/g, (_, _before, letter: string) => letter.toUpperCase());
}
