/**
 * One operation of `keras.ops` used as a layer, from a row of a table: `take(x, indices; axis?)` says that the function
 * is `ops.take`, that x and indices are arguments of the call and axis one of the constructor, and that axis goes into
 * the function's options. `images|image` is one argument under two names.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { Ops } from '../../ops/index.ts';
import type { SymbolicTensor, TensorLike } from '../../ops/types.ts';
import { type AnyLayerDefinition, type CallContext, defineLayer } from '../define.ts';
import { type Field, stored } from '../fields.ts';
import { readConstants } from './values.ts';

interface Parameter {
  /** Under which names it may come; the first is today's. */
  readonly names: readonly string[];
  readonly optional: boolean;
}

interface Row {
  readonly function: string;
  readonly call: readonly Parameter[];
  readonly config: readonly Parameter[];
}

export function parseRow(text: string): Row {
  const [, name, parameters] = /^(\w+)\((.*)\)$/.exec(text) as unknown as [string, string, string];
  const [call = '', config = ''] = parameters.split(';').map(part => part.trim());
  const read = (list: string) => (list === '' ? [] : list.split(', ').map(parameter));
  return { function: name, call: read(call), config: read(config) };
}

function parameter(text: string): Parameter {
  const names = text.replace('?', '').split('|');
  return { names, optional: text.endsWith('?') };
}

export function camelCase(name: string): string {
  return name.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/_$/, '');
}

/** What an operation's config holds, unread, under camelCase names. */
export function storedFields(names: readonly string[]): { readonly [name: string]: Field<unknown> } {
  return Object.fromEntries(names.map(name => [camelCase(name), stored()]));
}

/** Defines an operation that computes `compute` of its arguments, which come by Keras's names. */
export function defineOperation(
  name: string,
  callArguments: readonly string[],
  constructorArguments: readonly string[],
  compute: (given: Given, ops: Ops, context: CallContext) => TensorLike | readonly TensorLike[],
): AnyLayerDefinition {
  return defineLayer({
    name,
    config: storedFields(constructorArguments),
    callArguments,
    castInputs: false,
    call(config, _weights, inputs, ops, context) {
      const result = compute(given(config, inputs, context), ops, context);
      return Array.isArray(result)
        ? result.map((item: TensorLike) => ops.convertToTensor(item))
        : ops.convertToTensor(result as TensorLike);
    },
  });
}

/** Looks an argument up by any of its names: in the call, then in the config. */
export type Given = (...names: readonly string[]) => unknown;

function given(
  config: { readonly [name: string]: unknown },
  inputs: readonly SymbolicTensor[],
  context: CallContext,
): Given {
  return (...names) => {
    for (const name of names) {
      const inCall = context.arguments[name];
      if (inCall !== undefined) return readConstants(inCall);
    }
    for (const name of names) if (config[camelCase(name)] !== undefined) return readConstants(config[camelCase(name)]);
    return names[0] === 'inputs' ? inputs : undefined;
  };
}

/** Defines the operation that a row describes. */
export function operationOfRow(className: string, text: string): AnyLayerDefinition {
  const row = parseRow(text);
  const all = [...row.call, ...row.config];
  const callNames = row.call.map(({ names }) => names[0]!);
  // What a call does not give may stand in the config: releases moved arguments from one to the other.
  const constructorNames = all.flatMap(({ names }) => names);
  return defineOperation(className, callNames, constructorNames, (given, ops) => {
    const compute = (ops as unknown as { readonly [name: string]: unknown })[row.function];
    if (typeof compute !== 'function') throw unsupported(className);
    const positional = all.filter(({ optional }) => !optional).map(({ names }) => required(className, names, given));
    const options = all
      .filter(({ optional }) => optional)
      .map(({ names }) => [camelCase(names[0]!), given(...names)] as const)
      .filter(([, value]) => value !== undefined);
    return compute(...positional, ...(options.length > 0 ? [Object.fromEntries(options)] : []));
  });
}

function required(className: string, names: readonly string[], given: Given): unknown {
  const value = given(...names);
  if (value !== undefined) return value;
  throw new LoadstoneError('bad-config', `the operation ${className} is called without its argument "${names[0]}"`);
}

/** The error for an operation that is known and not computed. */
export function unsupported(className: string, why = 'Loadstone does not compute it'): LoadstoneError {
  return new LoadstoneError('unsupported', `the operation ${className} of keras.ops cannot be run: ${why}`, {
    do: 'Give a layer of that name with customObjects or --custom.',
  });
}
