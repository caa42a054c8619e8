/** Reads a layer's stored config through the fields of its definition. */

import type { JsonObject } from '../model/types.ts';
import type { FieldContext, Fields, ParsedFields } from './fields.ts';
import { toSnakeCase } from './names.ts';

/**
 * The constructor arguments that a definition asks for, parsed, under camelCase names. Keys that it does not ask for
 * are left alone: what only training needs is nobody's business here.
 * Throws `bad-config` naming layer, key, what was found and what is needed.
 */
export function parseConfig<F extends Fields>(
  fields: F,
  config: JsonObject,
  context: Omit<FieldContext, 'key'>,
): ParsedFields<F> {
  const parsed = Object.entries(fields).map(([name, field]) => {
    // A name that stands in the config as it is (an upper-case letter of NumPy's) is that key.
    const key = name in config ? name : toSnakeCase(name);
    return [name, field.read(config[key], { ...context, key })] as const;
  });
  return Object.fromEntries(parsed) as ParsedFields<F>;
}
