/** Faults of `.keras` archives that Python's zipfile does not mind, or takes in its own way. */

import type { RawArtefact, RawMember } from '../../artefacts/raw/index.ts';
import { type Fault, fault } from './types.ts';

/** Zeros alone shrink so much; a model's members do not. */
const bombRatio = 200;
/** Smaller members harm nobody, however well they shrink. */
const bombSize = 8 << 20;

export function archiveFault({ zip, path }: RawArtefact): Fault | null {
  if (!zip) return null;
  const { members } = zip;
  return twice(members) ?? outside(members) ?? bomb(members) ?? withoutMetadata(members, path);
}

/** Of several members with one name `zipfile` reads the last. */
export function twice(members: readonly RawMember[]): Fault | null {
  const seen = new Map<string, RawMember>();
  for (const member of members) {
    const first = seen.get(member.name);
    if (first) {
      const text = `the archive has two members "${member.name}", of ${first.size} and ${member.size} bytes: Python reads the second`;
      return fault('zip-duplicate-entries', text, member.name, member.offset);
    }
    seen.set(member.name, member);
  }
  return null;
}

function outside(members: readonly RawMember[]): Fault | null {
  const found = members.find(({ name }) => /^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(name));
  if (!found) return null;
  const text = `the member "${found.name}" names a place outside the archive: who unpacks it may overwrite files`;
  return fault('zip-path-traversal', text, found.name, found.offset);
}

function bomb(members: readonly RawMember[]): Fault | null {
  const found = members.find(({ size, storedSize }) => size > bombSize && size > storedSize * bombRatio);
  if (!found) return null;
  const text = `"${found.name}" unpacks from ${found.storedSize} to ${found.size} bytes`;
  return fault('zip-bomb-small', text, found.name, found.offset);
}

function withoutMetadata(members: readonly RawMember[], path: string): Fault | null {
  const has = (wanted: string) => members.some(({ name }) => name === wanted);
  if (!has('config.json') || has('metadata.json')) return null;
  const text = 'the archive has no metadata.json: the version of Keras that wrote it is lost';
  return fault('keras-zip-missing-metadata', text, path);
}
