/** `loadstone mend ARTEFACT --for SPEC -o OUT`: a copy that loads there and computes the same. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formOfOutput, type Mended, type MendRefusal, mendArtefact } from '../src/copies/node/mend.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import type { InputDeclaration, ShapeChange } from '../src/mend/input-shape.ts';
import { dialectOf } from '../src/mend/mend.ts';
import { targetOf } from '../src/mend/target.ts';
import type { Shape } from '../src/numbers/tensor.ts';
import { type Environment, knownEnvironments, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { byAge, suitableEnvironments } from '../src/rehearsal/suitable.ts';
import type { Mode } from '../src/rehearsal/types.ts';
import { mendText } from '../src/report/mend.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { collect } from './custom.ts';
import { besideArtefact, takePlace } from './in-place.ts';
import { openGiven } from './open.ts';
import { rawGiven } from './raw.ts';
import { provenanceOf } from './transfer.ts';

interface MendFlags extends OutputOptions {
  for?: string;
  output?: string;
  inPlace?: boolean;
  dropOptimizer?: boolean;
  inputShape?: readonly string[];
  batchSize?: number | 'none';
  mode: Mode;
}

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .option('--for <spec>', 'where it must load: pip pins (keras==3.10.0) or a known id (tf-2.4.4)')
    .option('-o, --output <file>', '.h5 or .keras')
    .option('--in-place', 'write over the artefact itself')
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
  const output = await outputOf(given, flags);
  formOfOutput(output);
  refuseOwnInput(given, output);
  const inputs = declarationOf(flags) ?? undefined;
  const spec = flags.for ?? (inputs ? await whereItWas(given, output) : refuseNowhere());
  const request = { for: parseEnvironment(spec), mode: flags.mode, dropOptimizer: flags.dropOptimizer, inputs };
  const { artefact } = await openGiven(given);
  const mended = await rawGiven(given)
    .then(raw => mendArtefact(artefact, raw, output, request))
    .finally(() => artefact.close());
  const again = againGiven(given, spec, output, flags);
  if (!flags.inPlace || mended.output === null) return answerOf(given, mended, again);
  await takePlace(output, given);
  const outcome = mended.outcome && { ...mended.outcome, output: given };
  return answerOf(given, { ...mended, output: given, outcome }, again);
}

async function outputOf(given: string, { output, inPlace }: MendFlags): Promise<string> {
  if (inPlace && output === undefined) return besideArtefact(given);
  if (output !== undefined && !inPlace) return output;
  throw new LoadstoneError('usage', 'it must be said where to write: -o FILE, or --in-place', {
    do: 'Name an output that ends in .h5 or .keras.',
  });
}

/** Who only declares a shape goes on where the model was made, or on the newest Keras where that reads no such file. */
async function whereItWas(given: string, output: string): Promise<string> {
  const { madeIn } = suitableEnvironments(await rawGiven(given), await provenanceOf(given));
  const readers = [...knownEnvironments]
    .sort(byAge)
    .filter(reader => dialectOf(formOfOutput(output), targetOf(reader)));
  return (readers.find(({ id }) => id === madeIn?.id) ?? (readers.at(-1) as Environment)).id;
}

function refuseNowhere(): never {
  throw new LoadstoneError('usage', 'it must be said where the copy is to load', {
    do: 'Add --for keras==3.10.0, --for tensorflow==2.15, or another environment.',
  });
}

function answerOf(given: string, { outcome, ...mended }: Mended, again: string | null): Answer {
  const { output, changes, refusals, shapes, digest, rehearsal, python } = mended;
  const text = outcome ? mendText(outcome, again) : refusalLine(refusals);
  if (output !== null) {
    const json = { artefact: given, changes, output, shapes: shapes.map(asJson), digest };
    return { json: python.length > 0 ? { ...json, python } : json, text, exit: 0 };
  }
  const { failure, stage, exception } = rehearsal ?? { failure: null, stage: null, exception: null };
  const foreseen = rehearsal && { outcome: rehearsal.outcome, failure, stage, exception };
  return { json: { artefact: given, changes, output, refusals, foreseen, python }, text, exit: 1 };
}

function refusalLine([refusal]: readonly MendRefusal[]): string {
  const layer = refusal?.layer ? `layer ${refusal.layer}: ` : '';
  return `No file was written: ${layer}${refusal?.what}.`;
}

/** The call that writes a copy for those who have the code that it needs; null where this was that call. */
function againGiven(given: string, spec: string, output: string, { mode, inPlace }: MendFlags): string | null {
  if (mode === 'custom' || given === '-') return null;
  const words = [given, '--for', spec, ...(inPlace ? ['--in-place'] : ['-o', output]), '--mode', 'custom'];
  return `loadstone mend ${words.map(word => (/[\s'"$&|;<>()]/.test(word) ? JSON.stringify(word) : word)).join(' ')}`;
}

function asJson({ layer, before, after }: ShapeChange) {
  return { layer, before, after };
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

function refuseOwnInput(given: string, output: string): void {
  if (given === '-' || !existsSync(given) || resolve(given) !== resolve(output)) return;
  throw new LoadstoneError('usage', 'the output is the input itself', { where: output, do: 'Name another file.' });
}
