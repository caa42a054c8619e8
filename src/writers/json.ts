/** JSON as Python's json module writes and reads it: NaN and the infinities bare, everything beyond ASCII escaped. */

import type { Json } from '../model/types.ts';

/**
 * Arguments that are floats in Python whatever their value: some constructors refuse a whole number for them
 * (keras/src/optimizers/sgd.py: momentum).
 */
const floats = new Set(
  (
    'lr learning_rate momentum decay rho beta beta_1 beta_2 beta_3 epsilon weight_decay ema_momentum schedule_decay ' +
    'initial_accumulator_value l1 l2 rate stddev alpha negative_slope threshold theta gain scale offset minval maxval ' +
    'mean dropout recurrent_dropout label_smoothing delta gamma'
  ).split(' '),
);

/** Deterministic: keys in the order given. */
export function pythonJson(value: Json): string {
  return render(value).replace(
    /[\u007f-\uffff]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function render(value: Json): string {
  if (typeof value === 'number') return renderNumber(value);
  if (Array.isArray(value)) return `[${value.map(render).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, held]) => {
    const isFloat = typeof held === 'number' && floats.has(key) && Number.isSafeInteger(held);
    return `${JSON.stringify(key)}: ${isFloat ? `${held}.0` : render(held)}`;
  });
  return `{${entries.join(', ')}}`;
}

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return Object.is(value, -0) ? '-0.0' : String(value);
}
