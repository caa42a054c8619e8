/**
 * Arguments that Keras moved from a layer's config to its call: causal attention, which until TF 2.9 is an argument of
 * the constructor (keras/layers/dense_attention.py).
 */

import { lacksCallArgument } from '../../eras/write/call-arguments.ts';
import type { Call, Layer } from '../../model/types.ts';
import { mapLayers } from '../rewrite.ts';
import type { MendStep } from '../step.ts';

const argument = 'use_causal_mask';
const constructed: ReadonlySet<string> = new Set(['Attention', 'AdditiveAttention']);

function isCausal({ kwargs }: Call): boolean {
  const value = kwargs[argument];
  return value?.kind === 'value' && value.value === true;
}

function withoutArgument({ args, kwargs }: Call): Call {
  const { [argument]: _, ...rest } = kwargs;
  return { args, kwargs: rest };
}

export const callArguments: MendStep = {
  title: 'arguments of calls that the release takes in the config',
  apply(model, target, tell) {
    return mapLayers(model, (layer): Layer => {
      const { className, calls, config } = layer;
      if (!constructed.has(className) || !lacksCallArgument(className, argument, target)) return layer;
      if (calls.length === 0 || !calls.every(isCausal)) return layer;
      tell({
        failure: 'newer-file-older-keras',
        where: `layer ${layer.name}, ${argument}`,
        before: 'an argument of its call',
        after: 'causal in its config',
        why: 'the release asks for it there; it hides the same positions',
      });
      return { ...layer, config: { ...config, causal: true }, calls: calls.map(withoutArgument) };
    });
  },
};
