/** `loadstone doctor ARTEFACT… [--env SPEC]… [--mode MODE]`: would load_model work there, and if not, why? */

import { type Command, Option } from 'commander';
import type { RawArtefact } from '../src/artefacts/raw/index.ts';
import { checkInputs } from '../src/failures/check-input.ts';
import type { Mend } from '../src/failures/define.ts';
import { mendsOf } from '../src/failures/mends-for.ts';
import { type Environment, knownEnvironments, parseEnvironment } from '../src/rehearsal/environments/index.ts';
import { describeRaw } from '../src/rehearsal/infer-raw.ts';
import { type GivenInput, givenInput } from '../src/rehearsal/predict/given.ts';
import { rehearse } from '../src/rehearsal/rehearse.ts';
import { isFine, shortList } from '../src/rehearsal/suitable.ts';
import type { Mode } from '../src/rehearsal/types.ts';
import { doctorText, matrixText } from '../src/report/doctor.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { readArrays } from './arrays-in.ts';
import { collect } from './custom.ts';
import { doctorLine } from './doctor-line.ts';
import { examineWeights } from './doctor-weights.ts';
import { rawGiven } from './raw.ts';
import { statedBeside } from './stated.ts';
import { provenanceOf } from './transfer.ts';

interface DoctorFlags extends OutputOptions {
  env?: readonly string[];
  mode?: Mode;
  architecture?: string;
  input?: string;
}

export function configure(command: Command): void {
  command
    .argument('<artefact...>', 'file, folder, or checkpoint prefix; it need not exist')
    .option(
      '--env <spec>',
      'pip pins (keras==3.6.0,tensorflow==2.18.0), a known id (tf-2.4.4), or all; repeatable',
      collect,
    )
    .addOption(
      new Option('--mode <mode>', 'how it is loaded')
        .choices(['default', 'nocompile', 'custom', 'unsafe'])
        .default('default'),
    )
    .option('--architecture <artefact>', 'would load_weights of the first into this one work?')
    .option('--input <file>', 'would predict take it after the load? .npz, .npy or .json')
    .option('--json', 'print one JSON document for each environment')
    .action(async (artefacts: string[], flags: DoctorFlags) => {
      await answerEach(artefacts, flags, artefact => examine(artefact, flags));
    });
}

async function examine(given: string, flags: DoctorFlags): Promise<Answer> {
  if (flags.architecture) return examineWeights(given, flags.architecture, flags.env ?? []);
  const raw = await rawGiven(given);
  const fed = flags.input ? await inputsGiven(raw, flags.input) : null;
  const inputs = fed?.inputs ?? null;
  const environments = await environmentsFor(raw, given, flags.env ?? []);
  const everything = flags.env?.includes('all') ?? false;
  const modes: Mode[] = everything ? ['default', 'nocompile', 'custom'] : [flags.mode ?? 'default'];
  const asked = flags.json ? [flags.mode ?? 'default'] : modes;
  const rehearsals = environments.map(environment =>
    asked.map(mode => rehearse(raw, environment, mode, { firstOnly: everything, inputs })),
  );
  const flat = rehearsals.flat();
  const [first] = flat;
  const known = first ? mendsOf(raw, first, { artefact: given }) : [];
  const fitting = first && !isFine(first) ? (fed?.mends ?? []) : [];
  const mends = fitting.length > 0 ? [...fitting, ...known.filter(({ command }) => command)] : known;
  const text = everything ? matrixText(given, rehearsals) : doctorText(given, flat, mends);
  return {
    json: flat.map(rehearsal => doctorLine({ artefact: given }, raw, rehearsal)),
    lines: true,
    text,
    exit: first && isFine(first) ? 0 : 1,
  };
}

interface Inputs {
  readonly inputs: readonly GivenInput[];
  /** The lines that bring the arrays into the form that the model takes. */
  readonly mends: readonly Mend[];
}

async function inputsGiven(raw: RawArtefact, path: string): Promise<Inputs> {
  const described = describeRaw(raw);
  const specs = described?.inferred.inputs.filter(spec => spec !== null) ?? [];
  const arrays = await readArrays(path, specs);
  const problems = described ? checkInputs(described.model, specs, arrays) : [];
  const mends = problems.map(({ what, do: python }) => ({ title: what, python }));
  return { inputs: arrays.map(givenInput), mends };
}

async function environmentsFor(
  raw: RawArtefact,
  given: string,
  specs: readonly string[],
): Promise<readonly Environment[]> {
  if (specs.length === 0) {
    const provenance = await provenanceOf(given);
    const stated = await statedBeside(given, provenance);
    return shortList(raw, provenance, 'default', {}, stated?.environment);
  }
  return specs.flatMap(spec => (spec === 'all' ? knownEnvironments : [parseEnvironment(spec)]));
}
