/** `loadstone env ARTEFACT --as pip|uv|conda|docker`: the environment it was made in, and the newest it loads in. */

import { type Command, Option } from 'commander';
import { suitableEnvironments } from '../src/rehearsal/suitable.ts';
import { type EnvironmentStyle, environmentText, pins } from '../src/report/environment.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { rawThere } from './raw.ts';
import { statedBeside } from './stated.ts';
import { provenanceOf } from './transfer.ts';

interface EnvFlags extends OutputOptions {
  as: EnvironmentStyle;
}

export function configure(command: Command): void {
  command
    .argument('<artefact...>', 'file, folder, or checkpoint prefix')
    .addOption(new Option('--as <style>', 'how to write it').choices(['pip', 'uv', 'conda', 'docker']).default('pip'))
    .option('--json', 'print one JSON document for each artefact')
    .action(async (artefacts: string[], flags: EnvFlags) => {
      await answerEach(artefacts, flags, artefact => environmentsOf(artefact, flags));
    });
}

async function environmentsOf(given: string, { as }: EnvFlags): Promise<Answer> {
  const provenance = await provenanceOf(given);
  const stated = await statedBeside(given, provenance);
  const { madeIn: guessed, newest } = suitableEnvironments(await rawThere(given), provenance);
  const madeIn = stated?.environment ?? guessed;
  const json = {
    artefact: given,
    madeIn: madeIn && { ...madeIn, pins: pins(madeIn) },
    newest: newest && { ...newest, pins: pins(newest) },
    evidence: [...(stated?.evidence ?? []), ...(provenance?.evidence ?? [])],
  };
  return { json, text: environmentText(given, { madeIn, newest }, json.evidence, as), exit: madeIn || newest ? 0 : 1 };
}
