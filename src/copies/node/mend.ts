/**
 * `mend`: a copy of a saved model that loads in an environment and computes the same, or the reasons why there is none.
 * What the file says is read, mended, written beside its place, loaded in rehearsal, compared, and only then appears.
 */

import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { openPath } from '../../artefacts/node/open-path.ts';
import { rawAtPath } from '../../artefacts/node/raw-path.ts';
import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { LoadstoneError } from '../../findings/errors.ts';
import { answeredObstacles } from '../../mend/answered.ts';
import type { TensorDigest } from '../../mend/digest.ts';
import { declareInputs, type InputDeclaration, type ShapeChange, type ShapeRefusal } from '../../mend/input-shape.ts';
import { type Form, type MendOptions, type MendPlan, planMend } from '../../mend/mend.ts';
import type { Change } from '../../mend/step.ts';
import { pythonStubs } from '../../mend/stubs.ts';
import { targetOf } from '../../mend/target.ts';
import { usersCodeIn, withoutUsersCode } from '../../mend/users-code.ts';
import type { Artefact, Format } from '../../model/types.ts';
import { type Environment, parseEnvironment } from '../../rehearsal/environments/index.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import type { Mode, Rehearsal } from '../../rehearsal/types.ts';
import type { MendOutcome } from '../../report/mend.ts';
import { writeMendedFile } from './mended-file.ts';

export interface MendRequest extends MendOptions {
  /** Where the copy must load: pip pins such as `keras==3.10.0`, a known id such as `tf-2.4.4`, or a parsed environment. */
  readonly for: string | Environment;
  /** How it will be loaded there; `custom` is with the user's own objects given. `default` where it is left out. */
  readonly mode?: Mode;
  /** Shapes and number of samples that inputs are to declare. */
  readonly inputs?: InputDeclaration;
}

/** Why there is no copy, and the layer that stands in the way; `null` where it is none. */
export interface MendRefusal {
  readonly layer: string | null;
  readonly className: string | null;
  /** The argument in question. */
  readonly key: string | null;
  readonly what: string;
}

export interface Mended {
  /** The path of the copy; null where none was written. */
  readonly output: string | null;
  /** Everything that stood in the way and was answered, and everything that is said otherwise, with its reason. */
  readonly changes: readonly Change[];
  /** Why nothing was written; empty where a copy was. */
  readonly refusals: readonly MendRefusal[];
  /** Layers whose outputs have other shapes because inputs were declared anew. */
  readonly shapes: readonly ShapeChange[];
  /** Proof that the tensors came through; null where nothing was written. */
  readonly digest: TensorDigest | null;
  /** The load of the copy, foreseen; null where it came not so far. */
  readonly rehearsal: Rehearsal | null;
  /** Code to fill in where only the user's own classes and functions make it load. */
  readonly python: readonly string[];
  /** What reports tell more of; null where it did not come to a plan. */
  readonly outcome: MendOutcome | null;
}

/** Formats that may hold no architecture and be whole. */
const weightsOnly: ReadonlySet<Format> = new Set(['saved-model', 'checkpoint', 'keras-h5-weights', 'keras-v3-weights']);

/**
 * Mends what lies at `path` (file, folder, URL) for an environment. `output` ends in `.h5` or `.keras`, and appears whole
 * or not at all. Throws what opening throws; `usage` for an output that the release does not read, that is the input
 * itself, or whose folder does not exist; `unsupported` where there is no architecture to write.
 */
export async function mend(path: string, output: string, request: MendRequest): Promise<Mended> {
  formOfOutput(output);
  if (existsSync(path) && resolve(path) === resolve(output)) {
    throw new LoadstoneError('usage', 'the output is the input itself', { where: output, do: 'Name another file.' });
  }
  const artefact = await openPath(path);
  try {
    return await mendArtefact(artefact, await rawAtPath(path), output, request);
  } finally {
    await artefact.close();
  }
}

/** The same for an artefact that is open, which stays so; `raw` are its facts as the loader would meet them. */
export async function mendArtefact(
  artefact: Artefact,
  raw: RawArtefact,
  output: string,
  request: MendRequest,
): Promise<Mended> {
  const form = formOfOutput(output);
  if (!artefact.model && weightsOnly.has(artefact.format)) return refusedFor(nothingToMend(artefact));
  const declared = request.inputs && artefact.model && declareInputs(artefact.model, request.inputs);
  if (declared && 'refused' in declared) return refusedFor(shapeRefusal(declared));
  const source = declared ? { ...artefact, model: declared.model } : artefact;
  const environment = typeof request.for === 'string' ? parseEnvironment(request.for) : request.for;
  const plan = planMend(source, targetOf(environment), form, request);
  const { mode = 'default' } = request;
  const answered = answeredObstacles(rehearse(raw, environment, mode), plan.target);
  const written = plan.refusals.length > 0 ? null : await writeMendedFile(source, plan, output, environment, { mode });
  const needed = usersCodeIn(plan.config, source, plan.target);
  const { appeared = false, doubt = null, rehearsal = null, digest = null } = written ?? {};
  const outcome: MendOutcome = {
    plan,
    answered,
    declared: declared?.changes ?? [],
    shapes: declared?.shapes ?? [],
    output: appeared ? output : null,
    doubt,
    rehearsal,
    digest: appeared ? digest : null,
    needed,
    python: pythonStubs(needed, plan.model, plan.target),
  };
  return { ...resultOf(outcome), outcome };
}

function resultOf({ plan, answered, declared, needed, ...outcome }: MendOutcome): Omit<Mended, 'outcome'> {
  const { output, doubt, rehearsal, digest, python, shapes } = outcome;
  const common = { output, rehearsal, digest, python };
  if (output !== null) return { ...common, changes: [...answered, ...declared, ...plan.changes], refusals: [], shapes };
  const refusals = [...plan.refusals, ...withoutUsersCode(needed), ...(doubt === null ? [] : understood(plan))];
  return { ...common, changes: [], refusals, shapes: [] };
}

/** Throws `usage` where the ending is none that Keras loads models from. */
export function formOfOutput(output: string): Form {
  const extension = extname(output).toLowerCase();
  if (extension === '.keras') return 'keras';
  if (['.h5', '.hdf5'].includes(extension) && !output.toLowerCase().endsWith('.weights.h5')) return 'h5';
  throw new LoadstoneError('usage', `"${output}" does not say what to write`, {
    do: 'Name an output that ends in .h5 or .keras.',
  });
}

function refusedFor(refusal: MendRefusal): Mended {
  const nothing = { output: null, changes: [], shapes: [], digest: null, rehearsal: null, python: [], outcome: null };
  return { ...nothing, refusals: [refusal] };
}

function nothingToMend({ format }: Artefact): MendRefusal {
  const what =
    format === 'saved-model'
      ? 'it holds functions and no layers; run predicts with them, and in Python tf.saved_model.load or, in Keras 3, keras.layers.TFSMLayer calls them'
      : 'it holds weights and no architecture; transfer gives them to one';
  return { layer: null, className: null, key: null, what };
}

function shapeRefusal({ refused: { layer, what } }: ShapeRefusal): MendRefusal {
  return { layer, className: null, key: null, what: `it cannot take that shape: ${what}` };
}

function understood({ doubts }: MendPlan): MendRefusal[] {
  return doubts.map(({ layer, className, key, meant, understood: read }) => ({
    layer,
    className,
    key,
    what: `${key} ${JSON.stringify(meant)} would be understood as ${JSON.stringify(read)}`,
  }));
}
