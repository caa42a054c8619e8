/**
 * Text artefacts: the architecture as JSON or YAML (`model.to_json`, `to_yaml`), a TensorFlow.js layers model
 * (`model.json` beside its shards), and the index of sharded weights (`.weights.json`).
 */

import type { ByteSource } from '../bytes/source.ts';
import { type JsonValue, parseJson } from '../containers/json/index.ts';
import { eraOf } from '../eras/era.ts';
import { isKeras0, keras0AsKeras1 } from '../eras/keras0.ts';
import { isRecord } from '../eras/normalise/values.ts';
import { traceProvenance } from '../eras/provenance.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { Artefact, Json, JsonObject, Provenance } from '../model/types.ts';
import { readTraining } from './config/training.ts';
import { censusOf } from './custom-objects.ts';
import { describeModel } from './describe-model.ts';
import type { Reading } from './reading.ts';
import { unknown } from './sniff.ts';
import { bindNothing } from './weights/bind-legacy.ts';

/** Bytes of text that are read: the largest known architectures have some megabytes. */
const maxText = 256 << 20;

export async function readArchitecture(source: ByteSource, kind: 'json' | 'yaml', reading: Reading): Promise<Artefact> {
  if (source.size > maxText) {
    throw new LoadstoneError('limit', `a text of ${source.size} bytes is no architecture`, { where: source.name });
  }
  const text = new TextDecoder().decode(await source.read(0, source.size, reading));
  const stored: JsonValue = kind === 'json' ? parseJson(text, { name: 'JSON' }) : await readYaml(text);
  // `model.to_json()` dumped once more gives the text of a text.
  const unpacked = typeof stored === 'string' && stored.trimStart().startsWith('{') ? parseJson(stored) : stored;
  const value = isKeras0(unpacked as Json) ? keras0AsKeras1(unpacked as JsonObject) : unpacked;
  if (isRecord(value as Json) && 'modelTopology' in (value as JsonObject)) {
    const { readTfjs } = await import('./tfjs.ts');
    return readTfjs(value as JsonObject, source, reading);
  }
  if (isRecord(value as Json) && 'weight_map' in (value as JsonObject)) {
    const { readShardedWeights } = await import('./keras-v3/shards.ts');
    return readShardedWeights(value as JsonObject, source, reading);
  }
  if (!isRecord(value as Json) || typeof (value as JsonObject).class_name !== 'string') {
    throw unknown(
      source,
      `it is ${kind.toUpperCase()} that describes no model: it names no class`,
      'Give what model.to_json() wrote.',
    );
  }
  return architecture(value as JsonObject, kind, source, reading, value !== unpacked);
}

/** Few artefacts are YAML: its parser is loaded for them only. */
async function readYaml(text: string): Promise<JsonValue> {
  const { parseYaml } = await import('../containers/yaml/index.ts');
  const { pythonValues } = await import('../eras/python-values.ts');
  return parseYaml(text, { name: 'YAML', constructors: pythonValues });
}

function architecture(
  config: JsonObject,
  kind: 'json' | 'yaml',
  source: ByteSource,
  reading: Reading,
  before1: boolean,
): Artefact {
  const findings: Finding[] = [];
  const version = typeof config.keras_version === 'string' ? config.keras_version : null;
  const traced = traceProvenance({
    kerasVersion: version === null ? null : { text: version, where: 'the key keras_version' },
    backend: typeof config.backend === 'string' ? config.backend : null,
    config,
  });
  const provenance: Provenance = before1
    ? {
        ...traced,
        line: 'keras1',
        keras: null,
        evidence: ['classes stand under "name", as Keras before 1.0 wrote them'],
      }
    : traced;
  const era = eraOf(provenance);
  const described = describeModel(config, era, '', findings, reading.customObjects);
  return {
    name: reading.name,
    format: kind === 'json' ? 'architecture-json' : 'architecture-yaml',
    provenance,
    model: described && bindNothing(described.model, described.inferred, era),
    training: readTraining(config.compile_config ?? null, []),
    tensors: [],
    customObjects: censusOf(config, config.compile_config, era, ''),
    findings,
    close: async () => source.close?.(),
  };
}
