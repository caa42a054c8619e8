/**
 * Wrappers that encoders of different eras put around plain values: tuples, shapes, NumPy arrays and types. Undone,
 * a tuple is a list, an array is its nested numbers, a shape is a list of sizes.
 */

import type { Json, JsonObject } from '../../model/types.ts';

export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A class name in an object, or null. */
export function classNameOf(value: Json | undefined): string | null {
  return isRecord(value) && typeof value.class_name === 'string' ? value.class_name : null;
}

/**
 * Unwraps one value, not what is inside it; undefined where it is no wrapper. `__tensor__` and `__numpy__` give their
 * value: a layer's argument is numbers whichever it was (keras/src/saving/serialization_lib.py of 2.12 and later;
 * `{"type": …, "value": …}` of utils/serialization.py in Keras 2.3 and TF 1.14 to 2.15).
 */
export function unwrapped(value: JsonObject): Json | undefined {
  const items = value.items;
  switch (classNameOf(value)) {
    case '__tuple__':
    case 'TensorShape':
      return Array.isArray(items) ? items : undefined;
    case '__tensor__':
    case '__numpy__':
      return isRecord(value.config) ? value.config.value : undefined;
    case null:
      break;
    default:
      return undefined;
  }
  const keys = Object.keys(value);
  const typed = keys.length === 2 && 'type' in value && 'value' in value && typeof value.type === 'string';
  return typed ? value.value : undefined;
}

/** Unwraps a value and everything inside it. */
export function plainValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isRecord(value)) return value;
  const inner = unwrapped(value);
  if (inner !== undefined) return plainValue(inner);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plainValue(held)]));
}
