/** Errors met while a layer is built or called name that layer, whatever threw them. */

import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import { withScope } from '../ops/record.ts';

interface Named {
  readonly name: string;
  readonly className: string;
  readonly path: string;
}

/**
 * Runs `body` for a layer. A config can hold what no check foresaw; what then breaks inside is told as `bad-config` of
 * that layer, and an error of ours that says no place gets one.
 */
export function naming<T>(layer: Named, body: () => T): T {
  try {
    return withScope(layer.path, body);
  } catch (error) {
    throw named(error, layer);
  }
}

function named(error: unknown, { name, className, path }: Named): unknown {
  const where = `layer ${path}`;
  if (isLoadstoneError(error)) {
    if (error.where !== undefined) return error;
    return new LoadstoneError(error.code, error.what, {
      where,
      do: error.do,
      offset: error.offset,
      cause: error.cause,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  return new LoadstoneError(
    'bad-config',
    `layer "${name}" (${className}) cannot be computed with its config: ${text}`,
    {
      where,
      do: "Compare the layer's arguments and its input's shape with what its class takes.",
      cause: error,
    },
  );
}
