/** `loadstone mend ARTEFACT --for SPEC -o OUT`: a copy that loads there and computes the same. */

import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Target } from '../src/eras/write/target.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { answeredObstacles } from '../src/mend/answered.ts';
import { declareInputs, type InputDeclaration, type ShapeChange, type ShapeRefusal } from '../src/mend/input-shape.ts';
import { type Form, type MendPlan, planMend } from '../src/mend/mend.ts';
import { pythonStubs } from '../src/mend/stubs.ts';
import { usersCodeIn, withoutUsersCode } from '../src/mend/users-code.ts';
import type { Artefact, Format } from '../src/model/types.ts';
import type { Shape } from '../src/numbers/tensor.ts';
import { type Environment, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import type { Mode } from '../src/rehearsal/types.ts';
import { type MendOutcome, mendText } from '../src/report/mend.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { collect } from './custom.ts';
import { writeMendedFile } from './mended-file.ts';
import { openGiven } from './open.ts';
import { rawGiven } from './raw.ts';

interface MendFlags extends OutputOptions {
  for: string;
  output: string;
  dropOptimizer?: boolean;
  inputShape?: readonly string[];
  batchSize?: number | 'none';
  mode: Mode;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .requiredOption('--for <spec>', 'where it must load: pip pins (keras==3.10.0) or a known id (tf-2.4.4)')
    .requiredOption('-o, --output <file>', '.h5 or .keras')
    .option('--input-shape <shape>', 'declare an input: [NAME=]28,28,1 without the batch axis; repeatable', collect)
    .option('--batch-size <n>', 'samples of every input, or "none" to leave them open', batchSize)
    .addOption(new Option('--drop-optimizer', 'leave compile arguments and optimizer state out'))
    .addOption(
      new Option('--mode <mode>', 'how it will be loaded: custom is with your own objects given')
        .choices(['default', 'nocompile', 'custom', 'unsafe'])
        .default('default'),
    )
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, flags: MendFlags) => {
      await answerEach([artefact], flags, given => mend(given, flags));
    });
}

async function mend(given: string, flags: MendFlags): Promise<Answer> {
  const form = formOf(flags.output);
  refuseOwnInput(given, flags.output);
  const environment = parseEnvironment(flags.for);
  const declaration = declarationOf(flags);
  const { artefact } = await openGiven(given);
  try {
    if (!artefact.model && weightsOnly.has(artefact.format)) return nothingToMend(given, artefact);
    const declared = declaration && artefact.model && declareInputs(artefact.model, declaration);
    if (declared && 'refused' in declared) return shapeRefused(given, declared);
    const source = declared ? { ...artefact, model: declared.model } : artefact;
    const plan = planMend(source, targetOf(flags.for), form, flags);
    const answered = answeredObstacles(rehearse(await rawGiven(given), environment, flags.mode), plan.target);
    const known = { plan, answered, declared: declared?.changes ?? [], shapes: declared?.shapes ?? [] };
    const outcome = plan.refusals.length > 0 ? refused(known) : await write(source, environment, known, flags);
    return answerOf(given, source, outcome, flags);
  } finally {
    await artefact.close();
  }
}

/** Formats that may hold no architecture and be whole. */
const weightsOnly: ReadonlySet<Format> = new Set(['saved-model', 'checkpoint', 'keras-h5-weights', 'keras-v3-weights']);

function nothingToMend(given: string, { format }: Artefact): Answer {
  const what =
    format === 'saved-model'
      ? 'it holds functions and no layers; keras.layers.TFSMLayer calls them where it lies'
      : 'it holds weights and no architecture; transfer gives them to one';
  const refusals = [{ layer: null, className: null, key: null, what }];
  const json = { artefact: given, changes: [], output: null, refusals };
  return { json, text: `No file was written: ${what}.`, exit: 1 };
}

function shapeRefused(given: string, { refused: { layer, what } }: ShapeRefusal): Answer {
  const refusals = [{ layer, className: null, key: null, what }];
  const text = `No file was written: layer ${layer} cannot take that shape: ${what}.`;
  return { json: { artefact: given, changes: [], output: null, refusals }, text, exit: 1 };
}

type Known = Pick<MendOutcome, 'plan' | 'answered' | 'declared' | 'shapes'>;

function refused(known: Known): MendOutcome {
  return { ...known, output: null, doubt: null, rehearsal: null, digest: null };
}

async function write(
  artefact: Artefact,
  environment: Environment,
  known: Known,
  { output, mode }: MendFlags,
): Promise<MendOutcome> {
  const { appeared, ...rest } = await writeMendedFile(artefact, known.plan, output, environment, { mode });
  return { ...known, ...rest, output: appeared ? output : null };
}

function answerOf(given: string, artefact: Artefact, outcome: MendOutcome, flags: MendFlags): Answer {
  const { plan, output, doubt, rehearsal, digest, shapes } = outcome;
  const needed = usersCodeIn(plan.config, artefact, plan.target);
  const python = pythonStubs(needed, plan.model, plan.target);
  const text = mendText(outcome, { needed, python, again: againGiven(given, flags) });
  if (output !== null) {
    const changes = [...outcome.answered, ...outcome.declared, ...plan.changes];
    const json = { artefact: given, changes, output, shapes: shapes.map(asJson), digest };
    return { json: needed.length > 0 ? { ...json, python } : json, text, exit: 0 };
  }
  const refusals = [...plan.refusals, ...withoutUsersCode(needed), ...(doubt ? understood(plan) : [])];
  const { failure, stage, exception } = rehearsal ?? { failure: null, stage: null, exception: null };
  const foreseen = rehearsal && { outcome: rehearsal.outcome, failure, stage, exception };
  return { json: { artefact: given, changes: [], output: null, refusals, foreseen, python }, text, exit: 1 };
}

/** The call that writes a copy for those who have the code that it needs; null where this was that call. */
function againGiven(given: string, flags: MendFlags): string | null {
  if (flags.mode === 'custom' || given === '-') return null;
  const words = [given, '--for', flags.for, '-o', flags.output, '--mode', 'custom'];
  return `loadstone mend ${words.map(word => (/[\s'"$&|;<>()]/.test(word) ? JSON.stringify(word) : word)).join(' ')}`;
}

function asJson({ layer, before, after }: ShapeChange) {
  return { layer, before, after };
}

function understood({ doubts }: MendPlan) {
  return doubts.map(({ layer, className, key, meant, understood: read }) => ({
    layer,
    className,
    key,
    what: `${key} ${JSON.stringify(meant)} would be understood as ${JSON.stringify(read)}`,
  }));
}

/** Null where neither is asked for. */
export function declarationOf({
  inputShape,
  batchSize,
}: Pick<MendFlags, 'inputShape' | 'batchSize'>): InputDeclaration | null {
  if (!inputShape && batchSize === undefined) return null;
  const samples = batchSize === 'none' ? null : batchSize;
  return { shapes: Object.fromEntries((inputShape ?? []).map(namedShape)), batchSize: samples };
}

/** `[NAME=]28,28,1`; a size of `none` or `?` is left open. */
function namedShape(text: string): [name: string, shape: Shape] {
  const at = text.lastIndexOf('=');
  const sizes = text
    .slice(at + 1)
    .split(/[,x]/)
    .map(size => size.trim());
  if (!sizes.every(size => /^(\d+|none|null|\?)$/i.test(size))) {
    throw new LoadstoneError('usage', `"${text}" is no shape`, { do: 'Write it like 28,28,1 or image=28,28,1.' });
  }
  return [at < 0 ? '' : text.slice(0, at), sizes.map(size => (/^\d+$/.test(size) ? Number(size) : null))];
}

/** Commander takes a null for no value. */
function batchSize(text: string): number | 'none' {
  if (/^none$/i.test(text)) return 'none';
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('it must be a positive whole number, or none.');
  return Number(text);
}

function formOf(output: string): Form {
  const extension = extname(output).toLowerCase();
  if (extension === '.keras') return 'keras';
  if (['.h5', '.hdf5'].includes(extension) && !output.endsWith('.weights.h5')) return 'h5';
  throw new LoadstoneError('usage', `"${output}" does not say what to write`, {
    do: 'Name an output that ends in .h5 or .keras.',
  });
}

function refuseOwnInput(given: string, output: string): void {
  if (given === '-' || !existsSync(given) || resolve(given) !== resolve(output)) return;
  throw new LoadstoneError('usage', 'the output is the input itself', { where: output, do: 'Name another file.' });
}

/** The environment as writers see it. */
export function targetOf(spec: string): Target {
  const { line, keras, tensorflow, backend, python } = parseEnvironment(spec);
  return { line, keras: keras.replace(/-tf$/, ''), tensorflow, backend, python };
}
