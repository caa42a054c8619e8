/** Stored functions anywhere in a config, trusted or not: Lambda layers and `__lambda__` objects at any depth. */

import type { Json, JsonObject } from '../model/types.ts';
import { readStoredFunction, type StoredFunction } from './encoding.ts';

export interface FoundFunction {
  /** JSON pointer to where it stands. */
  readonly pointer: string;
  /** Name of the layer that holds it, when a layer does. */
  readonly layer: string | null;
  readonly stored: StoredFunction;
}

/** Configs nest by models inside models; nobody nests hundreds. */
const maximumDepth = 200;

/** Every stored function with code in a config. Functions stored by name only are left out, save those of Lambdas. */
export function functionsIn(config: Json): FoundFunction[] {
  const found: FoundFunction[] = [];
  visit(config, '', null, 0, found);
  return found;
}

function visit(value: Json, pointer: string, layer: string | null, depth: number, found: FoundFunction[]): void {
  if (depth > maximumDepth || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item: Json, index) => {
      visit(item, `${pointer}/${index}`, layer, depth + 1, found);
    });
    return;
  }
  const record = value as JsonObject;
  if (record.class_name === '__lambda__') {
    found.push({ pointer, layer, stored: readStoredFunction(record) });
    return;
  }
  const name = nameOf(record) ?? layer;
  const lambda = record.class_name === 'Lambda' ? record.config : null;
  const handled = typeof lambda === 'object' && lambda !== null && !Array.isArray(lambda);
  if (handled) addLambda(lambda as JsonObject, `${pointer}/config`, name, found);
  for (const [key, inner] of Object.entries(record)) {
    if (handled && key === 'config') continue;
    visit(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, name, depth + 1, found);
  }
}

function addLambda(config: JsonObject, pointer: string, layer: string | null, found: FoundFunction[]): void {
  for (const key of ['function', 'output_shape', 'mask'] as const) {
    const type = config[`${key}_type`];
    const value = config[key];
    const isCode =
      key === 'function' || type === 'lambda' || (typeof value === 'object' && value !== null && 'class_name' in value);
    if (value === undefined || value === null || type === 'raw' || !isCode) continue;
    found.push({ pointer: `${pointer}/${key}`, layer, stored: readStoredFunction(value, type) });
  }
}

function nameOf(record: JsonObject): string | null {
  const { config } = record;
  const name =
    typeof config === 'object' && config !== null && !Array.isArray(config) ? (config as JsonObject).name : record.name;
  return typeof name === 'string' && typeof record.class_name === 'string' ? name : null;
}
