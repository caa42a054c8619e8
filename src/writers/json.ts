/** JSON as Python's json module writes and reads it: NaN and the infinities bare, everything beyond ASCII escaped. */

import type { Json } from '../model/types.ts';

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
  const entries = Object.entries(value).map(([key, held]) => `${JSON.stringify(key)}: ${render(held)}`);
  return `{${entries.join(', ')}}`;
}

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return Object.is(value, -0) ? '-0.0' : String(value);
}
