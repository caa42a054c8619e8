/**
 * From a pasted error to its likely causes. Every failure's signs are tried on the text; where several failures share a
 * message, each keeps its share of confidence, and evidence from the artefact, if there is one, decides between them.
 */

import type { Era } from '../../eras/era.ts';
import { isInOwnPackage, isKnownIn, withoutPackage } from '../../eras/names.ts';
import { isKerasName } from '../../eras/signatures/index.ts';
import { catalogue } from '../catalogue/index.ts';
import type { Failure, Mend, Sign } from '../define.ts';
import { lastException, readTraceback } from './traceback.ts';

export interface Cause {
  readonly failure: string;
  readonly title: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly why: string;
  readonly mends: readonly Mend[];
}

export interface Explanation {
  readonly exception: { readonly type: string | null; readonly message: string };
  /** Likeliest first; empty where nothing is recognised. */
  readonly causes: readonly Cause[];
}

export interface ExplainOptions {
  /** The artefact's path as it should stand in commands. */
  readonly artefact?: string;
  /** What loaders are foreseen to say of the artefact itself, and why. */
  readonly foreseen?: readonly Foreseen[];
}

export interface Foreseen {
  readonly failure: string;
  /** Null where it loads all the same. */
  readonly message: string | null;
}

/** What stands for paths that only the artefact tells. */
const unseen = { prefix: 'folder/model.ckpt-1000', folder: 'folder' };

/** Causes below this are not told: they would be guesses. */
const leastConfidence = 0.05;

/** A message that the artefact is foreseen to raise was pasted: that is it. */
const foreseenConfidence = 0.97;

/** Shorter messages (`0`) stand in any text. */
const leastMessage = 20;

/** How far evidence in the artefact moves a cause towards certainty, and its absence away from it. */
const evidenceGain = 0.8;

/** The causes of what was pasted: a traceback, a bare error line, a whole log of Python, Jupyter or TensorFlow.js. */
export function explain(text: string, options: ExplainOptions = {}): Explanation {
  const pasted = readTraceback(text);
  const causes = catalogue
    .map(failure => recognise(failure, pasted.text, options))
    .filter(cause => cause !== null)
    .filter(cause => cause.confidence >= leastConfidence)
    .sort((a, b) => b.confidence - a.confidence);
  return { exception: lastException(pasted), causes };
}

function recognise(failure: Failure, text: string, options: ExplainOptions): Cause | null {
  const signs = failure.signs.map(sign => matched(sign, text)).filter(match => match !== null);
  const matches = isForeseen(failure.id, text, options)
    ? [...signs, { confidence: foreseenConfidence, groups: {} }]
    : signs;
  const best = matches.sort((a, b) => b.confidence - a.confidence)[0];
  if (!best) return null;
  const named = matches.find(({ groups }) => 'name' in groups)?.groups;
  const places = { artefact: options.artefact ?? 'MODEL', architecture: 'arch.json', environment: 'SPEC', ...unseen };
  const entry = customEntry(named?.name ?? 'NAME');
  const names = { ...places, fixed: 'fixed.keras', entry, ...named, ...best.groups };
  return {
    failure: failure.id,
    title: fill(failure.title, names),
    confidence: weigh(best.confidence, failure.id, options.foreseen),
    why: fill(failure.why, names),
    mends: failure.mends.map(mend => fillMend(mend, names)),
  };
}

function matched(sign: Sign, text: string): { confidence: number; groups: Record<string, string> } | null {
  const found = sign.text.exec(text);
  if (!found || sign.unless?.test(text)) return null;
  const { name } = found.groups ?? {};
  if (sign.names && name !== undefined && !isOf(sign.names, name)) return null;
  return { confidence: sign.confidence, groups: { ...found.groups } };
}

function isOf(whose: NonNullable<Sign['names']>, name: string): boolean {
  const bare = withoutPackage(name);
  if (whose === 'keras1') return isOfKeras1(bare);
  const isKeras = isKerasName(bare) && !isInOwnPackage(name);
  return whose === 'keras' ? isKeras && !isOfKeras1(bare) : !isKeras;
}

/** A layer that Keras 1 had and no later release has under that name. */
function isOfKeras1(name: string): boolean {
  const has = (era: Era) => isKnownIn(era, 'layer', name);
  return (
    has({ line: 'keras1', keras: '1.2.2', backend: null }) && !has({ line: 'keras2', keras: '2.3.1', backend: null })
  );
}

/** Whether a loader is foreseen to say just this of the artefact, for that reason. */
function isForeseen(id: string, text: string, { foreseen = [] }: ExplainOptions): boolean {
  return foreseen.some(({ failure, message }) => {
    const line = message?.split('\n')[0]?.trim() ?? '';
    return failure === id && line.length >= leastMessage && text.includes(line);
  });
}

function weigh(confidence: number, id: string, foreseen: readonly Foreseen[] | undefined): number {
  if (!foreseen || foreseen.length === 0) return confidence;
  const shown = foreseen.some(({ failure }) => failure === id);
  const moved = shown ? confidence + (1 - confidence) * evidenceGain : confidence * (1 - evidenceGain / 2);
  return Math.round(moved * 100) / 100;
}

/** What `custom_objects` is given: the class by the name under which it is looked up, its package included. */
export function customEntry(name: string): string {
  return `'${name}': ${withoutPackage(name)}`;
}

/** Puts captured names into `{name}`; a name that was not captured loses its braces. */
export function fill(template: string, names: Readonly<Record<string, string | undefined>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
}

/** Paths among the names are given as they are: a shell and a Python string each want them written in their own way. */
export function fillMend(mend: Mend, names: Readonly<Record<string, string | undefined>>): Mend {
  const written = (write: (path: string) => string) =>
    Object.fromEntries(
      Object.entries(names).map(([name, value]) => [
        name,
        value !== undefined && paths.has(name) ? write(value) : value,
      ]),
    );
  return {
    title: fill(mend.title, names),
    ...(mend.command !== undefined && { command: fill(mend.command, written(inShell)) }),
    ...(mend.python !== undefined && { python: fill(mend.python, written(inPython)) }),
  };
}

const paths: ReadonlySet<string> = new Set(['artefact', 'architecture', 'fixed']);

/** As a shell takes it in one word. */
function inShell(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Between the single quotes of a Python string. */
function inPython(path: string): string {
  return path.replace(/[\\']/g, '\\$&');
}
