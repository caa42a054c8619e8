/** Silent differences in words: what the layer did where it was saved, and what the same config means to the loader. */

import type { Era } from '../../eras/era.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { eraActivations } from '../../layers/era-keys.ts';
import type { Json, JsonObject, Layer } from '../../model/types.ts';

/** One sentence on the first key in which the two readings of a layer differ. */
export function changeText(written: Layer, read: Layer, writer: Era, reader: Era): string {
  const change = firstChange(written.config, read.config);
  const name = `${written.className} "${written.name}"`;
  if (!change) return `${name} computes something else here than in ${keras(writer)}`;
  return `${name}: ${phrase(change, keras(writer), keras(reader))}`;
}

function keras({ keras: version, backend, line }: Era): string {
  return `Keras ${version}${line === 'keras1' && backend ? ` on ${backend}` : ''}`;
}

interface Change {
  readonly key: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

function firstChange(before: JsonObject, after: JsonObject): Change | null {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [left, right] = [before[key], after[key]];
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    if (isRecord(left) && isRecord(right)) return firstChange(left, right);
    return { key, before: left, after: right };
  }
  return null;
}

function phrase({ key, before, after }: Change, then: string, now: string): string {
  const hard = [before, after].includes(eraActivations.hardSigmoid);
  if (hard) {
    const [old, today] = ['0.2·x + 0.5, cut to 0…1', 'relu6(x + 3) / 6'];
    const [first, second] = before === eraActivations.hardSigmoid ? [old, today] : [today, old];
    return `its ${key} hard_sigmoid is ${first} in ${then}, which saved it, but ${second} in ${now}`;
  }
  if (key === 'axis') return `its axis ${JSON.stringify(before)} is dropped by ${now}, which takes the default instead`;
  if (key === 'interpolation') return `bilinear resizing of ${then} and of ${now} place the pixels differently`;
  if (key === 'padding') return `"same" pads other sides in ${then} than in ${now}`;
  const words = phrases[key] ?? `${key} is ${told(before)} in ${then}, but ${told(after)} in ${now}`;
  return words.replace('THEN', then).replace('NOW', now);
}

/** By era key; see `layers/era-keys.ts`. */
const phrases: Readonly<Record<string, string>> = {
  mask_rule: 'masks count otherwise in THEN than in NOW',
  value_mask: 'masks of values count otherwise in THEN than in NOW',
  automatic_masks: 'masks that came with its inputs count in only one of THEN and NOW',
  masked_output: 'what comes out at masked steps is not the same in THEN and NOW',
  zero_output_for_mask: 'what comes out at masked steps is not the same in THEN and NOW',
  squeeze_one_hot: 'one-hot vectors have another shape in THEN than in NOW',
  truncate_input: 'fractions are cut off before binning in only one of THEN and NOW',
  encoded_dtype: 'what it encodes has another dtype in THEN than in NOW',
  ignore_mask: 'the mean leaves out masked steps in only one of THEN and NOW',
  inference: 'outside training THEN crops otherwise than NOW',
};

function told(value: Json | undefined): string {
  return value === undefined ? 'the default' : JSON.stringify(value);
}
