/** Operations used as layers, as calls: `keras.ops.mean(x, axis=1)`, `tf.math.add(x, y=1.0)`, `x[:, 0]`. */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Call, CallValue, Json, JsonObject, Layer } from '../../model/types.ts';
import { plainLiteral } from './literals.ts';

/** Functions whose name is not the operation's in snake case (keras/src/ops of 3.15). */
const functionsOf: Readonly<Record<string, string>> = {
  AllClose: 'allclose',
  BatchNorm: 'batch_normalization',
  CDist: 'cdist',
  IsIn: 'isin',
  LayerNorm: 'layer_normalization',
  RMSNorm: 'rms_normalization',
  SearchSorted: 'searchsorted',
};

/** Operations on pictures, in a namespace of their own. */
const onPictures = new Set(
  (
    'AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages ' +
    'PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges'
  ).split(' '),
);

function functionName(className: string): string {
  const snake = className
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return `keras.ops.${onPictures.has(className) ? 'image.' : ''}${functionsOf[className] ?? snake}`;
}

/** `write` gives an argument's text, tensors by their variables. Throws `unsupported` for methods of tensor classes. */
export function operationText(layer: Layer, call: Call, write: (value: CallValue) => string): string {
  const given = call.args.map(write);
  const keywords = Object.entries(call.kwargs).map(([key, value]) => `${key}=${write(value)}`);
  if (layer.className === 'GetItem') return indexed(call.args[0], call.args[1] ?? call.kwargs.key, write);
  if (layer.className === 'SlicingOpLambda') return indexed(call.args[0], call.kwargs.slice_spec, write);
  if (layer.className === 'TFOpLambda')
    return tensorflowCall(String(layer.config.function), call, given, keywords, write);
  if (/^(ClassMethod|Instance(Method|Property)|TensorFlowOpLayer)$/.test(layer.className)) {
    throw new LoadstoneError('unsupported', `a ${layer.className} has no Python that could be read`, {
      where: `layer ${layer.name}`,
    });
  }
  const own = Object.entries(layer.config)
    .filter(
      ([key, value]) =>
        !/^(name|trainable|dtype)$/.test(key) || (key === 'dtype' && layer.className === 'Cast' && value),
    )
    .map(([key, value]) => `${key}=${constantText(value)}`);
  if (layer.className === 'Einsum') {
    return `${functionName(layer.className)}(${[plainLiteral(layer.config.subscripts ?? null), ...given].join(', ')})`;
  }
  return `${functionName(layer.className)}(${[...given, ...keywords, ...own].join(', ')})`;
}

/** Functions are stored under their public names below `tf`, operators of tensors under `__operators__`. */
function tensorflowCall(
  name: string,
  call: Call,
  given: readonly string[],
  keywords: readonly string[],
  write: (value: CallValue) => string,
): string {
  const plain = name.replace(/^tf\./, '');
  if (plain === '__operators__.getitem') return indexed(call.args[0], call.args[1] ?? call.kwargs.slice_spec, write);
  const named = keywords.filter(word => word !== 'name=None');
  return `tf.${plain}(${[...given, ...named].join(', ')})`;
}

function indexed(
  tensor: CallValue | undefined,
  key: CallValue | undefined,
  write: (value: CallValue) => string,
): string {
  const parts =
    key?.kind === 'list' ? key.items : key?.kind === 'value' && Array.isArray(key.value) ? key.value : [key];
  const words = (parts as readonly (CallValue | Json | undefined)[]).map(part => indexText(part, write));
  return `${tensor ? write(tensor) : 'None'}[${words.join(', ')}]`;
}

function indexText(part: CallValue | Json | undefined, write: (value: CallValue) => string): string {
  if (isCallValue(part)) {
    if (part.kind === 'tensor') return write(part);
    if (part.kind === 'value') return indexText(part.value, write);
    if (part.kind === 'list') return `[${part.items.map(item => indexText(item, write)).join(', ')}]`;
    return indexText(part.entries as unknown as Json, write);
  }
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return plainLiteral(part ?? null);
  const object = part as { readonly [key: string]: CallValue | Json };
  if (object.class_name === '__ellipsis__') return '...';
  const bounds = (object.class_name === '__slice__' ? object.config : object) as { [key: string]: CallValue | Json };
  if (!('start' in bounds) && !('stop' in bounds)) return constantText(object as JsonObject);
  const [start, stop, step] = ['start', 'stop', 'step'].map(name => {
    const bound = bounds[name] ?? null;
    const word = isNone(bound) ? '' : indexText(bound, write);
    return word;
  });
  return `${start}:${stop}${step ? `:${step}` : ''}`;
}

function isNone(bound: CallValue | Json): boolean {
  return bound === null || (isCallValue(bound) && bound.kind === 'value' && bound.value === null);
}

function isCallValue(part: unknown): part is CallValue {
  return typeof part === 'object' && part !== null && 'kind' in part;
}

/** Arguments as Keras serialises them: arrays and tensors carry their numbers, slices their bounds. */
export function constantText(value: Json): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return plainLiteral(value);
  const { class_name: className, config } = value as JsonObject;
  const held = (config ?? {}) as JsonObject;
  if (className === '__tensor__') {
    return `keras.ops.convert_to_tensor(${plainLiteral(held.value ?? null)}, dtype=${plainLiteral(held.dtype ?? null)})`;
  }
  if (className === '__numpy__') return plainLiteral(held.value ?? null);
  if (className === '__tuple__') return plainLiteral((value as JsonObject).items ?? []);
  return plainLiteral(value);
}
