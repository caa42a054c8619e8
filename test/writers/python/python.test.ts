/** Python code: what it says of a model, in the words of the release that it is for. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../../src/artefacts/node/open-path.ts';
import { memorySink } from '../../../src/bytes/sink.ts';
import type { Target } from '../../../src/eras/write/target.ts';
import { convert } from '../../../src/mend/convert.ts';

const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');
const oldTarget: Target = { line: 'tf.keras', keras: '2.4.0', tensorflow: '2.4.4', backend: 'tensorflow' };

async function codeOf(path: string, target: Target | null = null): Promise<string> {
  const artefact = await openPath(join(models, path));
  const plan = convert(artefact, 'python', target, 'm.weights.h5');
  expect(plan.refusals).toEqual([]);
  const sink = memorySink();
  await plan.write(sink);
  await artefact.close();
  return new TextDecoder().decode(sink.bytes());
}

describe('Python code', () => {
  it('builds a graph line by line, defaults left out, and loads its weights', async () => {
    const code = await codeOf('arch_seq2seq--keras-2.1.6+tf-1.15--h5/model.h5');
    expect(code).toContain(
      "enc = layers.LSTM(units=5, return_state=True, recurrent_activation='hard_sigmoid', name='enc')",
    );
    expect(code).toContain("name='dec')(input_2, initial_state=[enc[1], enc[2]])");
    expect(code).toContain("return keras.Model([input_1, input_2], dense_1, name='model_1')");
    expect(code).toContain("'m.weights.h5'");
  });

  it('builds models inside by functions of their own', async () => {
    const code = await codeOf('arch_nested_model--tf-2.11.0--h5/model.h5');
    const [, name] = /def (build_\w+)\(\):/.exec(code) ?? [];
    expect(name).toBeDefined();
    expect(code.split(`${name}()`).length).toBe(3);
  });

  it('imports and calls as the release does', async () => {
    const code = await codeOf('arch_nested_model--tf-2.11.0--h5/model.h5', oldTarget);
    expect(code).toContain('from tensorflow import keras\n');
    expect(code).not.toContain('import keras\nfrom keras');
  });
});
