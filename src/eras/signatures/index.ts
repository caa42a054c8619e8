/**
 * What a release of Keras exports, looked up by name: classes with their constructors, functions, and the strings that
 * stand for them. A release between two that are known is taken for the older one.
 */

import type { Line } from '../../model/types.ts';
import { compareVersions } from '../versions.ts';
import { table as keras1 } from './keras1.ts';
import { table as keras2 } from './keras2.ts';
import { table as keras3 } from './keras3.ts';
import type { SignatureTable } from './table.ts';
import { table as tfKeras } from './tf-keras.ts';

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
}

export interface ExportedClass {
  /** Name in Python, which an alias may differ from: `Convolution2D` is `Conv2D`. */
  readonly className: string;
  /** Module in which it is defined, as `<class '…'>` prints it. */
  readonly module: string;
  /** Keras's bases, nearest first. */
  readonly bases: readonly string[];
  /** Null where introspection could not tell. */
  readonly parameters: readonly Parameter[] | null;
  /** Takes `**kwargs`. */
  readonly keywords: boolean;
  /** Takes `*args` as well: with no parameters, that is a class without constructor. */
  readonly positional: boolean;
  /** Keys of its own config that `**kwargs` takes. */
  readonly inherited: readonly string[];
}

/** The exports of one release. Spaces are Keras's namespaces: `layers`, `initializers`, `optimizers.schedules` … */
export interface Release {
  readonly version: string;
  classAt(space: string, name: string): ExportedClass | null;
  isFunction(space: string, name: string): boolean;
  /** What a string identifier stands for in a space (`mse` → `mean_squared_error`), or null. */
  identifier(space: string, name: string): string | null;
  /** True where the release exports anything of that name there. */
  has(space: string, name: string): boolean;
  /** Keywords that the base class accepts from its subclasses; null where they are not restricted by a list. */
  baseKeywords(kind: 'layer' | 'optimizer'): readonly string[] | null;
  /** All names of a space. */
  names(space: string): readonly string[];
}

const tables: Readonly<Record<Line, SignatureTable>> = {
  keras1,
  keras2,
  'tf.keras': tfKeras,
  tf_keras: tfKeras,
  keras3,
};

const releases = new Map<string, Release>();

/** The exports of `version` (TensorFlow's for `tf.keras`, the package's own elsewhere). */
export function releaseOf(line: Line, version: string): Release {
  const table = tables[line];
  const index = indexOf(table.releases, version);
  const key = `${line === 'tf_keras' ? 'tf.keras' : line} ${index}`;
  const known = releases.get(key);
  if (known) return known;
  const made = makeRelease(table, index);
  releases.set(key, made);
  return made;
}

/** The newest release that is not newer; of the same minor version rather a later one than one of another. */
function indexOf(known: readonly string[], version: string): number {
  const newer = known.findIndex(release => compareVersions(release, version) > 0);
  const index = Math.max(0, (newer < 0 ? known.length : newer) - 1);
  const minor = (release: string) => release.split('.').slice(0, 2).join('.');
  const next = known[index + 1];
  return next !== undefined && minor(next) === minor(version) && minor(known[index]!) !== minor(version) ? index + 1 : index;
}

function makeRelease(table: SignatureTable, index: number): Release {
  const classes = new Map<string, ExportedClass | null>();
  const text = (name: string): string | null => {
    const spans = Object.hasOwn(table.names, name) ? table.names[name]! : [];
    for (let at = 0; at < spans.length; at += 3)
      if (spans[at]! <= index && index <= spans[at + 1]!) return table.pool[spans[at + 2]!]!;
    return null;
  };
  const classAt = (space: string, name: string) => {
    const key = `${space}.${name}`;
    const known = classes.get(key);
    if (known !== undefined) return known;
    const found = parseClass(name, text(key));
    classes.set(key, found);
    return found;
  };
  return {
    version: table.releases[index]!,
    classAt,
    isFunction: (space, name) => text(`${space}.${name}`) === 'function',
    identifier: (space, name) => text(`strings.${space}.${name}`)?.slice(1) ?? null,
    has: (space, name) => text(`${space}.${name}`) !== null,
    baseKeywords: kind => text(`base.${kind}`)?.split(' ') ?? null,
    names: space => Object.keys(table.names).filter(name => name.startsWith(`${space}.`) && text(name) !== null).map(name => name.slice(space.length + 1)),
  };
}

function parseClass(name: string, text: string | null): ExportedClass | null {
  if (text === null || !text.includes('|')) return null;
  const [own, module, bases, signature] = text.split('|') as [string, string, string, string];
  const words = signature === '' ? [] : signature.split(' ');
  const named = words.filter(word => !/^[*+]/.test(word));
  return {
    className: own === '' ? name : own.slice(1),
    module,
    bases: bases === '' ? [] : bases.split(','),
    parameters: signature === '-' ? null : named.map(word => ({ name: word.replace('!', ''), required: word.endsWith('!') })),
    keywords: words.includes('**') || signature === '-',
    positional: words.includes('*'),
    inherited: words.filter(word => word.startsWith('+')).map(word => word.slice(1)),
  };
}

let everyName: Set<string> | null = null;

/** True where some release of some line exports a class or function of that name: no user's own name. */
export function isKerasName(name: string): boolean {
  if (!everyName) {
    everyName = new Set();
    for (const table of new Set(Object.values(tables)))
      for (const key of Object.keys(table.names)) everyName.add(key.slice(key.lastIndexOf('.') + 1));
  }
  return everyName.has(name);
}
