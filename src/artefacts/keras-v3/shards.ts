/** Sharded weights (Keras 3.10 and later): an index `NAME.weights.json` and the `.weights.h5` files that it names. */

import type { ByteSource } from '../../bytes/source.ts';
import { openHdf5 } from '../../containers/hdf5/index.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { traceProvenance } from '../../eras/provenance.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Artefact, JsonObject, TensorRef } from '../../model/types.ts';
import { noteDamage, type Reading } from '../reading.ts';
import { isTrainingState, readWeightsTree, type SavedObject } from './weights-tree.ts';

/** Reads the index and the shards beside it. A shard that is missing is a finding. */
export async function readShardedWeights(index: JsonObject, source: ByteSource, reading: Reading): Promise<Artefact> {
  const findings: Finding[] = [];
  const objects: SavedObject[] = [];
  const opened: ByteSource[] = [];
  for (const name of shardNames(index)) {
    const shard = await reading.beside?.file(name).catch(error => noteDamage(error, name, findings));
    if (!shard) {
      const what = `the shard "${name}" is not beside its index`;
      findings.push({ code: 'shard-missing', severity: 'error', what, at: { path: name } });
      continue;
    }
    opened.push(shard);
    const tree = await openHdf5(shard, reading)
      .then(file => readWeightsTree({ file, prefix: name }, reading))
      .catch(error => noteDamage(error, name, findings));
    if (!tree) continue;
    objects.push(...tree.objects.values());
    findings.push(...tree.findings);
  }
  const tensors = (wanted: (path: string) => boolean): TensorRef[] =>
    objects.filter(({ path }) => wanted(path)).flatMap(({ variables }) => variables.map(({ tensor }) => tensor));
  return {
    name: reading.name,
    format: 'keras-v3-weights',
    provenance: traceProvenance({
      layoutSigns: [
        { line: 'keras3', keras: '3.10.0', evidence: 'weights are in shards, as Keras 3.10 and later write' },
      ],
    }),
    model: null,
    training: null,
    tensors: tensors(path => !isTrainingState(path)),
    customObjects: [],
    findings,
    close: async () => {
      for (const one of [source, ...opened]) await one.close?.();
    },
  };
}

/** Files that the index names: one for a path up to 3.10, a list of them from 3.11. */
function shardNames(index: JsonObject): Set<string> {
  const map = isRecord(index.weight_map) ? index.weight_map : {};
  const names = Object.values(map).flatMap(held => (Array.isArray(held) ? held : [held]));
  return new Set(names.filter((name): name is string => typeof name === 'string'));
}
