/**
 * Python to fill in for what only the user's own code can give: custom classes and functions with the arguments and
 * weights that the file tells of, registered so that a plain `load_model(path)` finds them.
 */

import { isTarget, type Target } from '../eras/write/target.ts';
import type { Json, Model, Weight } from '../model/types.ts';
import { allLayers } from '../model/walk.ts';
import { plainLiteral } from '../writers/python/literals.ts';
import { heldByUsersCode } from '../writers/variables.ts';
import { isUsersClass, type UsersCode } from './users-code.ts';

/** Imports, then a piece of code for each object; empty where none is needed. */
export function pythonStubs(needed: readonly UsersCode[], model: Model | null, target: Target): string[] {
  if (needed.length === 0) return [];
  return [
    target.line === 'tf.keras' ? 'import tensorflow as tf' : `import ${packageOf(target)}`,
    ...needed.map(code => {
      return isUsersClass(code.object)
        ? classStub(code, model ? weightsOf(code, model) : [], target)
        : functionStub(code, target);
    }),
  ];
}

/** What the file keeps of such a layer, be it in the graph or held by a built-in one. */
function weightsOf({ object, layer, key }: UsersCode, model: Model): readonly Weight[] {
  const layers = [...allLayers(model)];
  const own = layers.find(({ origin, className }) => origin === 'custom' && className === object.name);
  const holder = layers.find(({ name }) => name === layer);
  if (own || !holder || key === null || heldByUsersCode(holder) !== key) return own?.weights ?? [];
  return holder.weights.map(weight => ({ ...weight, name: weight.name.replace(`${key}/`, '') }));
}

/** Arguments that every layer takes through its base class, and what stands beside them. */
const inherited = new Set(['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape', 'autocast']);

function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

/** Bases by kind, below the package that is imported there. */
const bases: Readonly<Record<string, string>> = {
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

function classStub({ object, config, key }: UsersCode, weights: readonly Weight[], target: Target): string {
  const base = bases[object.kind] ?? 'layers.Layer';
  const isLayer = base === 'layers.Layer' || base === 'Model';
  const settings = Object.entries(config).filter(([name]) => !inherited.has(name) && isName(name));
  const parameters = settings.map(([name, value]) => `, ${name}=${plainLiteral(defaultOf(value))}`).join('');
  const entries = settings.map(([name]) => `'${name}': self.${name}`).join(', ');
  const inputs = key === 'cell' ? 'inputs, states' : 'inputs';
  return [
    `class ${object.name}(${packageOf(target)}.${base}):`,
    `    def __init__(self${parameters}, **kwargs):`,
    `        super(${object.name}, self).__init__(${isLayer ? '**kwargs' : ''})`,
    ...settings.map(([name]) => `        self.${name} = ${name}`),
    ...(isLayer ? buildStub(object.name, weights) : []),
    '',
    isLayer ? `    def call(self, ${inputs}):` : '    def __call__(self, *args, **kwargs):',
    '        ...  # your code',
    ...(entries === '' || base === 'Model' ? [] : configStub(object.name, entries, isLayer)),
    '',
    registered(object, target),
  ].join('\n');
}

/** Objects that a config nests are made by the class itself. */
function defaultOf(value: Json): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : value;
}

function configStub(name: string, entries: string, isLayer: boolean): string[] {
  const inner = isLayer ? `dict(super(${name}, self).get_config(), **{${entries}})` : `{${entries}}`;
  return ['', '    def get_config(self):', `        return ${inner}`];
}

/** What the file keeps of the layer: its own weights in their order, or those of the layers in its attributes. */
function buildStub(className: string, weights: readonly Weight[]): string[] {
  const known = weights.filter(({ tensor }) => tensor !== null);
  if (known.length === 0) return [];
  const shapeOf = ({ tensor }: Weight) => plainLiteral([...(tensor?.shape ?? [])]);
  const scopes = [...new Set(known.map(({ name }) => name.split('/').slice(0, -1).join('.')))];
  if (scopes.some(scope => scope !== '')) {
    const lines = scopes.map(scope => {
      const inside = known.filter(({ name }) => name.split('/').slice(0, -1).join('.') === scope);
      return `        #   self${scope === '' ? '' : `.${scope}`}: ${inside.map(shapeOf).join(' ')}`;
    });
    return ['        # Shapes of the weights that the file keeps, by the attribute whose they are:', ...lines];
  }
  const lines = known.map((weight, at) => {
    const name = isName(weight.name) ? weight.name : `weight_${at}`;
    const frozen = weight.trainable ? '' : ', trainable=False';
    return `        self.${name} = self.add_weight(name='${name}', shape=${shapeOf(weight)}, initializer='zeros'${frozen})`;
  });
  return [
    '',
    '    def build(self, input_shape):  # what the file holds, in this order',
    ...lines,
    `        super(${className}, self).build(input_shape)`,
  ];
}

function functionStub({ object }: UsersCode, target: Target): string {
  const parameters = object.kind === 'loss' || object.kind === 'metric' ? 'y_true, y_pred' : 'x';
  return [`def ${object.name}(${parameters}):`, '    ...  # your code', '', registered(object, target)].join('\n');
}

/** The names under which configs look it up: with its package where it was registered with one. */
function registered({ name, registeredName }: UsersCode['object'], target: Target): string {
  const names = [...new Set([registeredName, name])].map(key => `'${key}': ${name}`).join(', ');
  return `${packageOf(target)}.utils.${isTarget(target, 'keras1') ? 'generic_utils.' : ''}get_custom_objects().update({${names}})`;
}

function packageOf({ line }: Target): string {
  if (line === 'tf.keras') return 'tf.keras';
  return line === 'tf_keras' ? 'tf_keras' : 'keras';
}
