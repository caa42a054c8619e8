/** Python to fill in for what only the user's own code can give: custom classes and functions, ready to be registered. */

import type { Target } from '../eras/write/target.ts';
import { isTarget } from '../eras/write/target.ts';
import type { Artefact, CustomObject, Json } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';

/** One piece of code for each custom object that the architecture needs; empty where it needs none. */
export function pythonStubs({ customObjects, model }: Artefact, target: Target): string[] {
  const layers = model ? [...allLayers(model)] : [];
  return customObjects
    .filter(({ neededFor }) => neededFor === 'architecture')
    .map(object => {
      const layer = layers.find(({ origin, className }) => origin === 'custom' && className === object.name);
      const settings = Object.entries(layer?.config ?? {}).filter(([key]) => !inherited.has(key) && isName(key));
      return isClass(object) ? classStub(object, settings, target) : functionStub(object, target);
    });
}

/** Arguments that every layer takes through its base class. */
const inherited = new Set(['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape']);

function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

function isClass({ kind, name }: CustomObject): boolean {
  return kind !== 'function' && !(kind === 'activation' || kind === 'loss' || kind === 'metric')
    ? true
    : /^[A-Z]/.test(name);
}

/** Bases by kind, below the package that is imported there. */
const bases: Partial<Record<CustomObject['kind'], string>> = {
  layer: 'layers.Layer',
  model: 'Model',
  activation: 'layers.Layer',
  loss: 'losses.Loss',
  metric: 'metrics.Metric',
  optimizer: 'optimizers.Optimizer',
  schedule: 'optimizers.schedules.LearningRateSchedule',
  regularizer: 'regularizers.Regularizer',
  initializer: 'initializers.Initializer',
  constraint: 'constraints.Constraint',
};

function classStub(object: CustomObject, settings: readonly (readonly [string, Json])[], target: Target): string {
  const keras = packageOf(target);
  const parameters = settings.map(([key, value]) => `, ${key}=${pythonValue(value)}`).join('');
  const kept = settings.map(([key]) => `        self.${key} = ${key}`);
  const config = settings.map(([key]) => `'${key}': self.${key}`).join(', ');
  return [
    ...registration(object, target),
    `class ${object.name}(${keras}.${bases[object.kind] ?? 'layers.Layer'}):`,
    `    def __init__(self${parameters}, **kwargs):`,
    '        super().__init__(**kwargs)',
    ...kept,
    '',
    `    def ${object.kind === 'layer' || object.kind === 'model' ? 'call(self, inputs)' : '__call__(self, *args)'}:`,
    '        ...  # your code',
    '',
    '    def get_config(self):',
    `        return {**super().get_config(), ${config}}`,
  ].join('\n');
}

function functionStub(object: CustomObject, target: Target): string {
  const parameters = object.kind === 'loss' || object.kind === 'metric' ? 'y_true, y_pred' : 'x';
  return [...registration(object, target), `def ${object.name}(${parameters}):`, '    ...  # your code'].join('\n');
}

/** Releases before TensorFlow 2.0 register nothing: there `custom_objects` of load_model takes it. */
function registration({ name, registeredName }: CustomObject, target: Target): string[] {
  const keras = packageOf(target);
  const old = target.line === 'keras1' || target.line === 'keras2' || !isRegistering(target);
  if (old) return [`# load_model(path, custom_objects={'${name}': ${name}})`];
  const named = /^(.+)>/.exec(registeredName)?.[1];
  const where = target.line === 'keras3' ? 'saving' : 'utils';
  return [`@${keras}.${where}.register_keras_serializable(${named ? `package='${named}'` : ''})`];
}

function isRegistering(target: Target): boolean {
  return target.line !== 'tf.keras' || isTarget(target, 'tf.keras', '2.0');
}

function packageOf({ line }: Target): string {
  if (line === 'tf.keras') return 'tf.keras';
  return line === 'tf_keras' ? 'tf_keras' : 'keras';
}

function pythonValue(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : 'None';
}
