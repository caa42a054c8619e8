/** Why shapes are not known, since which layer, and what declaring them looks like. */

import type { Description, LayerDescription, ModelDescription } from './description.ts';

/** Lines under the table of layers; none where every shape is known. */
export function unknownShapeLines(model: ModelDescription, { customObjects, artefact }: Description): string[] {
  if (model.layers.length === 0) return [];
  if (model.inputs.every(({ shape }) => shape === null)) return undeclared(artefact, exampleShape(model.layers));
  const first = model.layers.find(({ outputShape }) => outputShape === null);
  if (!first) return [];
  const own = customObjects.some(({ name }) => name === first.class);
  return [
    '',
    `Shapes are not known from "${first.name}" on${own ? `: ${first.class} is a class of your own.` : '.'}`,
    ...(own ? declaring(first) : []),
  ];
}

function undeclared(artefact: string, shape: readonly string[]): string[] {
  const python = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return [
    '',
    'Shapes are not known: the model declares no input, so its layers make their weights at the first call.',
    `  In code, before weights are loaded or saved:  model.build((None, ${shape.join(', ')}))  or a first keras.Input(${python})`,
    `  In a copy:  loadstone mend ${artefact} --input-shape ${shape.join(',')} -o declared.keras`,
  ];
}

/** As far as the first kernel tells what comes in; a picture's height and width and a sequence's length stay open. */
function exampleShape(layers: readonly LayerDescription[]): readonly string[] {
  const first = layers.find(({ weights }) => weights.length > 0);
  const kernel = first?.weights[0]?.shape ?? [];
  const features = String(kernel.at(-2) ?? 'None');
  if (/^Conv\dD$|^SeparableConv\dD$/.test(first?.class ?? ''))
    return [...kernel.slice(0, -2).map(() => 'None'), features];
  if (/^(LSTM|GRU|SimpleRNN|Bidirectional)$/.test(first?.class ?? '')) return ['None', features];
  return first?.class === 'Embedding' ? ['None'] : [features];
}

function declaring({ class: className }: LayerDescription): string[] {
  return [
    `  Here:  --custom FILE with a definition of ${className}; --stubs FILE writes one to fill in`,
    '  In Keras:  compute_output_shape(self, input_shape) in the class; weights made in build(), not in call()',
    '',
  ];
}
