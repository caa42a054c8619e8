/**
 * Everything that a report says of a Lambda layer without running it: which Pythons can have written its function, its
 * source, what it expects from the training script, and whether it could do harm.
 */

import type { PythonConstant } from '../containers/marshal/index.ts';
import { isLoadstoneError } from '../findings/errors.ts';
import type { Json, JsonObject } from '../model/types.ts';
import { canonical, isInterpretedMember } from './allowed/index.ts';
import { sourceOf } from './decompile/index.ts';
import { disassemble } from './disassembly.ts';
import { readStoredFunction, type StoredFunction } from './encoding.ts';
import { readingPython } from './evaluate.ts';
import { judge, judgeName, judgeText, type Risk } from './judge.ts';
import { eraOfLambda, madeByKey } from './layer-function.ts';
import { bodiesOf, loaderNames, type NeededName, neededNames } from './names.ts';
import { normalise } from './normalise.ts';
import { describePythons, plausiblePythons } from './pythons.ts';

export interface DescribedName extends NeededName {
  /** True where the Keras that wrote the file has the name in the module in which it makes the function anew. */
  readonly inLoader: boolean;
}

export interface LambdaDescription {
  /** Name of the layer. */
  readonly layer: string;
  readonly kind: 'code' | 'named' | 'unreadable';
  /** Pythons that can have written it: `3.6–3.7`; null for a function stored by name, `unknown` for damaged code. */
  readonly python: string | null;
  /** `lambda x: …` or `def f(x): …`; null where there is no source form, or only a name. */
  readonly source: string | null;
  /** The function's own name: `<lambda>`, or the name under which it was defined or stored. */
  readonly name: string | null;
  readonly safe: boolean;
  readonly reasons: readonly Risk[];
  readonly names: readonly DescribedName[];
  /** What it calls or names that Loadstone does not interpret, as the code writes it; empty where all of it runs. */
  readonly outside: readonly string[];
  /** Free variables with the values stored for them. */
  readonly closure: { readonly [name: string]: Json };
  /** `arguments` of the config. */
  readonly arguments: JsonObject;
  /** Bytecode, one instruction a line; null where it cannot be read. */
  readonly disassembly: string | null;
  /** Why it cannot be read. */
  readonly problem: string | null;
}

/** Describes a Lambda layer by its config, of any era. Never throws for what a config holds. */
export function describeLambda(layer: string, config: JsonObject): LambdaDescription {
  const given = config.arguments;
  const callArguments =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as JsonObject) : {};
  const stored = readStoredFunction(config.function, config.function_type);
  const described = describeFunction(stored, config[madeByKey]);
  const others = functionsBeside(config).flatMap(({ key, stored }) =>
    describeFunction(stored, config[madeByKey]).reasons.map(risk => ({ ...risk, what: `${risk.what} (in ${key})` })),
  );
  const reasons = [...described.reasons, ...others];
  return { layer, ...described, arguments: callArguments, reasons, safe: reasons.length === 0 };
}

/** Functions of a Lambda that are not what it computes: how its shape and mask come about. */
function functionsBeside(config: JsonObject): { key: string; stored: StoredFunction }[] {
  return ['output_shape', 'mask'].flatMap(key => {
    const value = config[key];
    const type = config[`${key}_type`];
    const isFunction = type === 'lambda' || (typeof value === 'object' && value !== null && 'class_name' in value);
    if (!isFunction || type === 'raw') return [];
    const stored = readStoredFunction(value, type);
    return stored.kind === 'named' && stored.name === '__tuple__' ? [] : [{ key, stored }];
  });
}

/** Describes one stored function, wherever in an artefact it stands. */
export function describeFunction(
  stored: StoredFunction,
  madeBy?: Json,
): Omit<LambdaDescription, 'layer' | 'arguments'> {
  const empty = { source: null, names: [], outside: [], closure: {}, disassembly: null, problem: null };
  if (stored.kind === 'unreadable') {
    const what = `Its code cannot be read: ${stored.error.what}.`;
    const unreadable: Risk = { rule: 'unreadable-code', severity: 'high', what };
    const reasons = [...(stored.text === null ? [] : judgeText(stored.text)), unreadable];
    const facts = { reasons, source: stored.text, problem: stored.error.message };
    return { ...empty, kind: 'unreadable', python: 'unknown', name: null, safe: false, ...facts };
  }
  if (stored.kind === 'named') return { ...empty, ...describeNamed(stored) };
  try {
    return describeCode(stored, madeBy);
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    const reasons: Risk[] = [
      { rule: 'unreadable-code', severity: 'high', what: `Its bytecode cannot be read: ${error.what}.` },
    ];
    const name = stored.read.code.name;
    return { ...empty, kind: 'unreadable', python: 'unknown', name, safe: false, reasons, problem: error.message };
  }
}

function describeNamed({ name, module }: StoredFunction & { kind: 'named' }) {
  const reasons = judgeName(module, name);
  return { kind: 'named' as const, python: null, name, safe: reasons.length === 0, reasons };
}

function describeCode(stored: StoredFunction & { kind: 'code' }, madeBy: Json | undefined) {
  const { code } = stored.read;
  const python = readingPython(stored);
  const era = eraOfLambda(madeBy);
  const known = loaderNames(era);
  const programs = bodiesOf(code).map(body => normalise(body, python).instructions);
  const names = neededNames(programs).map(name => ({ ...name, inLoader: known.includes(name.name) }));
  const reasons = judge(code, python);
  return {
    kind: 'code' as const,
    python: describePythons(plausiblePythons(stored.read).pythons),
    source: sourceOf(code, python, stored.defaults.map(constantOfJson)),
    name: code.name,
    safe: reasons.length === 0,
    reasons,
    names,
    outside: outsideOf(names),
    closure: Object.fromEntries(code.freeNames.map((name, index) => [name, stored.closure?.[index] ?? null])),
    disassembly: disassemble(code, python),
    problem: null,
  };
}

/** Names without a meaning, and members of packages that the allow-list lacks. */
function outsideOf(names: readonly NeededName[]): string[] {
  return names.flatMap(({ name, means, uses }) => {
    if (means === null) return [name];
    return uses.filter(use => !isInterpretedMember(canonical(`${means}.${use}`))).map(use => `${name}.${use}`);
  });
}

function constantOfJson(json: Json): PythonConstant {
  if (json === null) return { kind: 'none' };
  if (typeof json === 'boolean') return { kind: 'bool', value: json };
  if (typeof json === 'number')
    return Number.isInteger(json) ? { kind: 'int', value: BigInt(json) } : { kind: 'float', value: json };
  if (typeof json === 'string') return { kind: 'string', value: json };
  if (Array.isArray(json)) return { kind: 'list', items: json.map(constantOfJson) };
  const entries = Object.entries(json).map(
    ([key, value]) => [{ kind: 'string', value: key } as const, constantOfJson(value)] as const,
  );
  return { kind: 'dict', entries };
}
