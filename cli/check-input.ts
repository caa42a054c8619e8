/** `loadstone check-input ARTEFACT IN`: would predict take it, and if not, what mends it? */

import type { Command } from 'commander';
import { checkInputs, type InputProblem } from '../src/failures/check-input.ts';
import { LoadstoneError } from '../src/findings/errors.ts';
import { inferModel } from '../src/layers/infer.ts';
import type { TensorSpec } from '../src/model/types.ts';
import { type Answer, answerEach, type OutputOptions } from './answer.ts';
import { readArrays } from './arrays-in.ts';
import { openGiven } from './open.ts';

export function configure(command: Command): void {
  command
    .argument('<artefact>', 'file, folder, URL, or - for standard input')
    .argument('<input>', '.npz, .npy or .json')
    .option('--json', 'print one JSON document')
    .action(async (artefact: string, input: string, flags: OutputOptions) => {
      await answerEach([artefact], flags, given => check(given, input));
    });
}

async function check(given: string, input: string): Promise<Answer> {
  const { artefact } = await openGiven(given);
  try {
    const { model } = artefact;
    if (!model)
      throw new LoadstoneError('unsupported', 'it holds no architecture, so no input is known', { where: given });
    const specs = inferModel(model).inputs.filter(spec => spec !== null);
    const problems = checkInputs(model, specs, await readArrays(input, specs));
    const ok = problems.every(({ refused }) => !refused);
    return { json: { artefact: given, ok, problems }, text: textOf(specs, problems, ok), exit: ok ? 0 : 1 };
  } finally {
    await artefact.close();
  }
}

function textOf(specs: readonly TensorSpec[], problems: readonly InputProblem[], ok: boolean): string {
  const taken = specs.map(
    ({ name, shape, dtype }) => `${name}: (${shape.map(size => size ?? 'None').join(', ')}) ${dtype}`,
  );
  const lines = [ok ? 'predict takes it.' : 'predict does not take it.'];
  for (const { input, what, do: advice } of problems) lines.push('', `  ${input}: ${what}`, `       ${advice}`);
  return [...lines, '', `The model takes ${taken.join('; ')}`].join('\n');
}
