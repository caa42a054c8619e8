/**
 * Rehearses a load: walks the steps of the loader that this environment has, over an artefact's raw facts. The first
 * obstacle is what the loader says; with it supposed mended the walk begins again, for what would come next.
 */

import type { RawArtefact } from '../artefacts/raw/index.ts';
import type { Environment } from './environments/index.ts';
import { isYielding, leading } from './leading.ts';
import { loadModel } from './lines/index.ts';
import { compareMeaning } from './meaning/index.ts';
import { predictWith } from './predict/index.ts';
import { isPythonException, type PythonException } from './python/exception.ts';
import { causeBehind, remarkFaults } from './remarks.ts';
import { type Run, type RunOptions, startRun } from './run.ts';
import type { Mode, Obstacle, Outcome, Rehearsal } from './types.ts';

export interface RehearseOptions extends RunOptions {
  /** Stop at the first obstacle. */
  readonly firstOnly?: boolean;
}

/** Walks before a loader is given up as having endless obstacles. */
const maxWalks = 200;

/**
 * What `load_model` would say in that environment: the first obstacle as the release words it, and all that would come
 * after it. Nothing is loaded or run. Give `raw` from `readRawArtefact` (in Node, `rawAtPath`).
 */
export function rehearse(
  raw: RawArtefact,
  environment: Environment,
  mode: Mode = 'default',
  options: RehearseOptions = {},
): Rehearsal {
  const supposed = new Set<string>();
  const obstacles: Obstacle[] = [];
  let first: Walk | null = null;
  for (let walk = 0; walk < maxWalks; walk += 1) {
    const done = walkOnce(raw, environment, mode, supposed, options);
    first ??= done;
    if (!done.raised) {
      obstacles.push(...done.run.notes);
      break;
    }
    obstacles.push(obstacleOf(done.run, done.raised));
    const { suppose } = done.raised;
    const enough = options.firstOnly && !isYielding(obstacles[0]!);
    if (enough || suppose === null || supposed.has(suppose)) break;
    supposed.add(suppose);
  }
  return summarise(raw, environment, mode, first!, obstacles);
}

interface Walk {
  readonly run: Run;
  readonly raised: PythonException | null;
}

function walkOnce(
  raw: RawArtefact,
  environment: Environment,
  mode: Mode,
  supposed: ReadonlySet<string>,
  options: RunOptions,
): Walk {
  const run = startRun(raw, environment, mode, supposed, options);
  try {
    loadModel(run);
    if (mode !== 'weights' && mode !== 'json') compareMeaning(run);
    if (run.inputs) predictWith(run, run.inputs);
    remarkFaults(run);
    return { run, raised: null };
  } catch (error) {
    if (!isPythonException(error)) throw error;
    return { run, raised: error };
  }
}

function obstacleOf(run: Run, raised: PythonException): Obstacle {
  const hangs = raised.type === 'Hang';
  const behind = causeBehind(run.raw, raised.failure);
  return {
    kind: hangs ? 'hangs' : 'raises',
    stage: run.stage,
    exception: hangs ? null : { type: raised.type, message: raised.message },
    failure: behind?.failure ?? raised.failure,
    evidence: evidenceOf(raised, behind),
    custom: customOf(raised),
  };
}

function customOf({ failure, suppose }: PythonException): string | null {
  return failure === 'custom-object-missing' ? (/^custom:(.+)$/.exec(suppose ?? '')?.[1] ?? null) : null;
}

/** What is behind leads, save where it only adds to what was raised. */
function evidenceOf(raised: PythonException, behind: ReturnType<typeof causeBehind>): Obstacle['evidence'] {
  if (!behind) return raised.evidence;
  return behind.failure === raised.failure
    ? [...raised.evidence, behind.evidence]
    : [behind.evidence, ...raised.evidence];
}

function summarise(
  raw: RawArtefact,
  environment: Environment,
  mode: Mode,
  { run, raised }: Walk,
  obstacles: readonly Obstacle[],
): Rehearsal {
  const common = { environment, mode, obstacles };
  if (raised) {
    const { kind, stage, exception } = obstacles[0]!;
    const leader = leading(raw, obstacles);
    const { failure, evidence } = leader;
    const outcome: Outcome = kind === 'hangs' ? 'hangs' : 'fails';
    const all = obstacles.some(met => met.failure === failure) ? obstacles : [...obstacles, leader];
    return { ...common, obstacles: all, outcome, stage, exception, failure, evidence };
  }
  const difference = run.notes.find(note => note.kind === 'differs');
  const told = difference ?? run.notes[0];
  const outcome: Outcome = difference ? 'loads-but-differs' : 'loads';
  return {
    ...common,
    outcome,
    stage: null,
    exception: null,
    failure: told?.failure ?? null,
    evidence: told?.evidence ?? [],
  };
}
