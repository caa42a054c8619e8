/** Every constructor argument that a layer class has had in any release of any line. */

import type { Line } from '../../model/types.ts';
import { compareVersions } from '../versions.ts';
import { releaseOf } from './index.ts';
import { table as keras1 } from './keras1.ts';
import { table as keras2 } from './keras2.ts';
import { table as keras3 } from './keras3.ts';
import type { SignatureTable } from './table.ts';
import { table as tfKeras } from './tf-keras.ts';

const lines: readonly (readonly [Line, SignatureTable])[] = [
  ['keras1', keras1],
  ['keras2', keras2],
  ['tf.keras', tfKeras],
  ['keras3', keras3],
];

const known = new Map<string, ReadonlySet<string> | null>();

/** Null where some release takes whatever it is given, or where no release is known to export the class. */
export function argumentsEver(className: string): ReadonlySet<string> | null {
  const before = known.get(className);
  if (before !== undefined) return before;
  const found = collect(className);
  known.set(className, found);
  return found;
}

const firsts = new Map<string, ReadonlyMap<Line, string>>();

/** By line, the first release whose constructor of that class names the argument; classes may store more than they name. */
export function firstToTake(className: string, argument: string, space = 'layers'): ReadonlyMap<Line, string> {
  const key = `${space}.${className}.${argument}`;
  const before = firsts.get(key);
  if (before !== undefined) return before;
  const found = new Map<Line, string>();
  for (const [line, { releases }] of lines) {
    const takes = (version: string) =>
      releaseOf(line, version)
        .classAt(space, className)
        ?.parameters?.some(({ name }) => name === argument);
    const first = [...releases].sort(compareVersions).find(takes);
    if (first !== undefined) found.set(line, first);
  }
  firsts.set(key, found);
  return found;
}

function collect(className: string): ReadonlySet<string> | null {
  const names = new Set<string>();
  let exported = false;
  for (const [line, { releases }] of lines) {
    for (const version of releases) {
      const release = releaseOf(line, version);
      const found = release.classAt('layers', className);
      if (!found) continue;
      if (found.parameters === null) return null;
      exported = true;
      for (const { name } of found.parameters) names.add(name);
      for (const name of [...found.inherited, ...(release.baseKeywords('layer') ?? [])]) names.add(name);
    }
  }
  return exported ? names : null;
}
