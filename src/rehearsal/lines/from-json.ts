/** `model_from_json`: the configs' rules of each line, without a file around them. */

import { deserialize } from '../keras3/deserialize.ts';
import { evidence, raise } from '../python/exception.ts';
import { jsonLoads } from '../python/json.ts';
import { isDict, type PyValue } from '../python/values.ts';
import { type Run, since } from '../run.ts';
import { modelFromConfig1 } from './keras1.ts';
import { deserializeModel } from './legacy-h5.ts';

export function modelFromJson(run: Run): void {
  run.stage = 'config';
  const { text, path, presence } = run.raw;
  if (presence !== 'file' || !text) {
    raise('JSONDecodeError', 'Expecting value: line 1 column 1 (char 0)', {
      failure: 'wrong-loader-for-format',
      evidence: evidence('the artefact is no architecture as text', path),
    });
  }
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
  const config = jsonLoads(decoded, {
    failure: 'truncated-or-corrupt',
    evidence: evidence('it is not valid JSON', path),
  });
  const { line } = run.environment;
  if (line === 'keras1') return modelFromConfig1(run, config);
  if (line === 'keras3') return fromKeras3(run, config);
  if (
    (line === 'tf.keras' || line === 'tf_keras') &&
    since(run, '2.12') &&
    isDict(config) &&
    config.module !== undefined
  ) {
    run.serialization = 'modern';
    return void deserialize(run, config, '');
  }
  deserializeModel(run, config);
}

function fromKeras3(run: Run, config: PyValue): void {
  deserialize(run, config, '');
}
