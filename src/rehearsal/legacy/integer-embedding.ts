/**
 * Keras 1 kept the dtype of an Embedding's indices in `input_dtype`. Keras 2 takes that for the dtype of the layer, and so
 * of its variable, and TensorFlow then refuses to fill integers with random numbers (engine/topology.py and
 * layers/embeddings.py of 2.0.8 to 2.3.1). Theano's backend rounds them, and reads the values afterwards.
 */

import { reprShape } from '../python/repr.ts';
import type { PyDict } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';

export function refuseIntegerEmbedding(run: Run, className: string, config: PyDict, where: string): void {
  const { line, backend } = run.environment;
  if (line !== 'keras2' || backend !== 'tensorflow' || className !== 'Embedding') return;
  const dtype = config.dtype ?? config.input_dtype;
  if (typeof dtype !== 'string' || !/^u?int\d+$/.test(dtype)) return;
  const facts = {
    failure: 'keras1-config',
    evidence: { text: `input_dtype "${dtype}" becomes the dtype of the layer's variable`, where, offset: null },
    suppose: `integer-variable:${where}`,
  };
  // The default initializer draws between -0.05 and 0.05.
  if (since(run, '2.3'))
    return obstacle(run, 'TypeError', `Expected ${dtype}, got -0.05 of type 'float' instead.`, facts);
  const shape = reprShape([Number(config.input_dim), Number(config.output_dim)]);
  const tensor = `<tf.Tensor '${String(config.name)}/random_uniform:0' shape=${shape} dtype=float32>`;
  const text = `Tensor conversion requested dtype ${dtype} for Tensor with dtype float32: ${tensor}`;
  obstacle(run, 'ValueError', text, facts);
}
