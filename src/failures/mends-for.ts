/** What mends a failure, with names filled in; nothing for an id that the catalogue does not have. */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import { withoutPackage } from '../eras/names.ts';
import type { Environment } from '../rehearsal/environments/index.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import type { Rehearsal } from '../rehearsal/types.ts';
import { failureOf } from './catalogue/index.ts';
import type { Failure, Mend } from './define.ts';
import { customEntry, fillMend } from './explain/explain.ts';
import { type Places, placesIn } from './places.ts';
import { isRescuable } from './rescuable.ts';

/** The files that a command line names. */
export interface Named {
  readonly artefact: string;
  /** Into which `load_weights` was asked for; absent where the whole model is to load. */
  readonly architecture?: string;
  /** No layer of it takes its weights: there is nothing to carry over. */
  readonly nothingFits?: boolean;
}

export function mendsFor(
  failure: string | null,
  { artefact, architecture = 'arch.json' }: Named,
  environment: Environment,
  { prefix, folder }: Places,
  name?: string,
): readonly Mend[] {
  const found = failure === null ? undefined : failureOf(failure);
  const fixed = environment.line === 'keras3' ? 'fixed.keras' : 'fixed.h5';
  const files = {
    artefact,
    architecture,
    fixed,
    ...(prefix !== null && { prefix }),
    ...(folder !== null && { folder }),
  };
  const names = {
    ...files,
    environment: environment.id,
    ...(name !== undefined && { name, entry: customEntry(name) }),
  };
  const isNamed = ({ python = '' }: Mend) =>
    (prefix !== null || !python.includes('{prefix}')) && (folder !== null || !python.includes('{folder}'));
  return found ? found.mends.filter(isNamed).map(mend => fillMend(mend, names)) : [];
}

/**
 * The mends of a foreseen failure: where only the training state stands in the way, to leave that out comes first; it is
 * offered only if the model really loads so there.
 */
export function mendsOf(raw: RawArtefact, rehearsal: Rehearsal, named: Named): readonly Mend[] {
  const { environment, failure, stage, mode, outcome } = rehearsal;
  const own = ownNames(rehearsal);
  const places = placesIn(raw, named.artefact);
  const filled = mendsFor(failure, named, environment, places, own[0]).filter(mend =>
    isOpenTo(mend, raw, named, places),
  );
  const known = outcome === 'loads' && failure === null ? [] : filled.map(mend => withAll(mend, own));
  const rest = known.filter(mend => !mend.python?.includes('compile=False'));
  if (mode !== 'default' || (stage !== 'compile' && rest.length === known.length)) return known;
  const without = rehearse(raw, environment, 'nocompile', { firstOnly: true });
  if (without.outcome !== 'loads') return rest;
  if (stage !== 'compile') return known;
  const python = `model = keras.models.load_model(${JSON.stringify(named.artefact)}, compile=False)`;
  return [{ title: 'For predictions, leave the training state out: the rest loads there', python }, ...rest];
}

/** False for what was just done (the comparison with the architecture) or has nothing to work on. */
function isOpenTo(
  { command, python }: Mend,
  raw: RawArtefact,
  { architecture, nothingFits }: Named,
  { prefix }: Places,
): boolean {
  if (nothingFits && (command?.startsWith('loadstone transfer') || python?.includes('skip_mismatch'))) return false;
  if (prefix === null && !isRescuable(raw) && needsTensors({ command, python })) return false;
  if (architecture === undefined) return true;
  return !command?.startsWith('loadstone doctor') && !python?.includes('to_json()');
}

function needsTensors({ command, python }: Pick<Mend, 'command' | 'python'>): boolean {
  return /^loadstone convert|--input-shape/.test(command ?? '') || (python?.includes('load_weights(') ?? false);
}

/** The author's names that stand in the way, as they are looked up, all at once: every loader stops at the first. */
export function ownNames({ obstacles }: Rehearsal): readonly string[] {
  return [...new Set(obstacles.map(({ custom }) => custom).filter(name => name !== null))];
}

function withAll(mend: Mend, names: readonly string[]): Mend {
  const [first] = names;
  if (first === undefined || names.length < 2 || !mend.python) return mend;
  return { ...mend, python: mend.python.replace(customEntry(first), names.map(customEntry).join(', ')) };
}

/** Why a failure happens, with the author's name filled in. */
export function reasonOf({ why }: Failure, rehearsal: Rehearsal): string {
  return why.replace(
    / \{name\}/g,
    ownNames(rehearsal).length > 0 ? ` ${ownNames(rehearsal).map(withoutPackage).join(', ')}` : '',
  );
}
