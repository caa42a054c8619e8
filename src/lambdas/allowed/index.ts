/**
 * The allow-list: which callables outside of the code may be called, by their full names, and what the names that
 * training scripts use stand for. Nothing that is not here is ever interpreted.
 */

import { refuse } from '../machine/refuse.ts';
import { none, pyFloat, pyText, type ReferenceValue, type Value } from '../machine/values.ts';
import { activations } from './activations.ts';
import { applications, losses } from './applications.ts';
import { backend } from './backend.ts';
import { builtins, functools, math, operator } from './builtins.ts';
import { type Allowed, dtypeNamed, type Namespace } from './define.ts';
import { kerasOps } from './keras-ops.ts';
import { numpy } from './numpy.ts';
import { tensorflow } from './tensorflow.ts';

/** Namespaces by full name; longer names first, so that `keras.backend` is found before `keras`. */
export const namespaces: ReadonlyMap<string, Namespace> = new Map([
  ['keras.backend', backend],
  ['keras.activations', activations],
  ['keras.ops', kerasOps],
  ['keras.applications', applications],
  ['keras.losses', losses],
  ['tensorflow', tensorflow],
  ['numpy', numpy],
  ['jax.numpy', numpy],
  ['builtins', builtins],
  ['math', math],
  ['functools', functools],
  ['operator', operator],
]);

/** Other names of the same packages. */
const packageNames: readonly (readonly [RegExp, string])[] = [
  [
    /^(tensorflow\.python\.keras|tensorflow\.contrib\.keras|tensorflow\.keras|tf_keras|keras\.api|keras\.src|keras\.utils\.generic)(?=\.|$)/,
    'keras',
  ],
  [/^keras\.backend\.(tf|tensorflow_backend\.tf)(?=\.|$)/, 'tensorflow'],
  [/^tensorflow\.compat\.v2(?=\.|$)/, 'tensorflow'],
  [/^keras\.layers\.(backend|activations|ops)(?=\.|$)/, 'keras.$1'],
  [/^tensorflow\.(experimental\.numpy)(?=\.|$)/, 'numpy'],
  [/^(np|numpy\.core)(?=\.|$)/, 'numpy'],
  [/^__builtin__(?=\.|$)/, 'builtins'],
];

/** The one full name of a member: `tensorflow.keras.backend.abs` is `keras.backend.abs`. */
export function canonical(path: string): string {
  return packageNames.reduce((name, [pattern, replacement]) => name.replace(pattern, replacement), path);
}

/** `tensorflow.compat.v1.*` is what TensorFlow 1 had, mostly under the same names as today. */
export function withoutCompat(path: string): string {
  if (path === 'tensorflow.compat.v1.image.resize') return 'tensorflow.image.resize_images';
  return canonical(path.replace(/^tensorflow\.compat\.v1(?=\.|$)/, 'tensorflow'));
}

/** The entry of the allow-list for a full name; undefined for what is not allowed. */
export function allowedAt(fullName: string): Allowed | undefined {
  const path = withoutCompat(fullName);
  for (const [prefix, namespace] of namespaces) {
    if (path.startsWith(`${prefix}.`)) {
      const found = namespace.get(path.slice(prefix.length + 1));
      if (found) return found;
    }
  }
  return undefined;
}

const constants: Readonly<Record<string, Value>> = {
  'tensorflow.newaxis': none,
  'numpy.newaxis': none,
  'jax.numpy.newaxis': none,
  'numpy.pi': pyFloat(Math.PI),
  'math.pi': pyFloat(Math.PI),
  'numpy.e': pyFloat(Math.E),
  'math.e': pyFloat(Math.E),
  'numpy.inf': pyFloat(Infinity),
  'math.inf': pyFloat(Infinity),
  'numpy.nan': pyFloat(Number.NaN),
  'tensorflow.image.ResizeMethod.BILINEAR': pyText('bilinear'),
  'tensorflow.image.ResizeMethod.NEAREST_NEIGHBOR': pyText('nearest'),
  'tensorflow.image.ResizeMethod.BICUBIC': pyText('bicubic'),
  'tensorflow.image.ResizeMethod.AREA': pyText('area'),
};

/** Layers that functions may make (`allowed/inner-layers.ts`) and what hangs on a constant (`tf.float32.name`). */
const otherMembers = /^keras\.layers\.\w+$/;

/** True for a full name of which something is interpreted: a callable, a constant, a dtype, or an attribute of one. */
export function isInterpretedMember(fullName: string): boolean {
  const path = withoutCompat(fullName);
  const allowed = allowedAt(path);
  if (allowed) return !allowed.refused;
  if (Object.hasOwn(constants, path) || dtypeMember(path) || otherMembers.test(path)) return true;
  const owner = path.slice(0, path.lastIndexOf('.'));
  return owner.includes('.') && (dtypeMember(owner) !== undefined || Object.hasOwn(constants, owner));
}

/** `tf.float32`, `np.int32`: members of these packages that are dtypes. */
function dtypeMember(path: string): Value | undefined {
  const match = /^(tensorflow|tensorflow\.dtypes|numpy|jax\.numpy)\.(\w+)$/.exec(path);
  const dtype = match?.[2] ? dtypeNamed(match[2]) : null;
  return dtype ? { kind: 'dtype', dtype } : undefined;
}

/** What a module or package has under `name`: a constant, a dtype, or a reference to look at further. */
export function namespaceMember(owner: ReferenceValue, name: string): Value {
  if (name.startsWith('__')) return refuse(`${owner.written}.${name}`);
  const path = canonical(`${owner.path}.${name}`);
  const today = withoutCompat(path);
  const constant = Object.hasOwn(constants, today) ? constants[today] : undefined;
  return constant ?? dtypeMember(today) ?? { kind: 'reference', path, written: `${owner.written}.${name}` };
}

/** Reports that a callable is outside of what is interpreted. */
export function refuseCall(reference: ReferenceValue): never {
  return refuse(`a call of ${reference.written}${reference.written === reference.path ? '' : ` (${reference.path})`}`);
}
