/**
 * Calling a Python function with keyword arguments: the TypeErrors that binding raises, before any line of the function
 * runs. Python 3.10 and later name the class as well (`Dense.__init__()`).
 */

import { inVersions } from '../../eras/versions.ts';
import { type RaiseFacts, raise } from './exception.ts';

export interface Signature {
  /** Parameter names in order; `!` at the end marks one without default. */
  readonly parameters: readonly { readonly name: string; readonly required: boolean }[];
  /** `**kwargs` takes whatever is left. */
  readonly keywords: boolean;
}

/** `Dense.__init__()` or `__init__()`. */
export function functionName(owner: string, name: string, python: string): string {
  return inVersions(python, '3.10') ? `${owner}.${name}()` : `${name}()`;
}

/**
 * Raises what binding `keywords` raises. CPython looks at unexpected keywords first, in the order in which they are
 * passed, and then at what is missing (ceval.c, `too_many_positional` to `missing_arguments`).
 */
export function bind(
  signature: Signature,
  keywords: readonly string[],
  called: string,
  factsFor: (keyword: string) => RaiseFacts = () => ({}),
): void {
  if (!signature.keywords) {
    const unexpected = keywords.find(keyword => !signature.parameters.some(({ name }) => name === keyword));
    if (unexpected !== undefined)
      raise('TypeError', `${called} got an unexpected keyword argument '${unexpected}'`, factsFor(unexpected));
  }
  const missing = signature.parameters.filter(({ name, required }) => required && !keywords.includes(name));
  if (missing.length === 0) return;
  raise(
    'TypeError',
    missingText(
      called,
      missing.map(({ name }) => name),
    ),
    factsFor(missing[0]!.name),
  );
}

export function missingText(called: string, names: readonly string[]): string {
  const quoted = names.map(name => `'${name}'`);
  const listed = quoted.length <= 2 ? quoted.join(' and ') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  return `${called} missing ${names.length} required positional argument${names.length > 1 ? 's' : ''}: ${listed}`;
}
