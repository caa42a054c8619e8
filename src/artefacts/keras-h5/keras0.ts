/**
 * Weights of Keras before 1.0: groups `layer_0`, `layer_1`, … (of a graph: one group `graph`) with datasets `param_0`,
 * `param_1`, … and no names at all (keras/models.py of 0.3: save_weights).
 */

import type { Hdf5File } from '../../containers/hdf5/index.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Artefact, TensorRef } from '../../model/types.ts';
import type { Reading } from '../reading.ts';
import { datasetProblem, datasetTensor } from '../weights/dataset-tensor.ts';

/** Reads the file as weights without a model; null where its groups hold no such datasets. */
export async function readKeras0Weights(file: Hdf5File, reading: Reading): Promise<Artefact | null> {
  const findings: Finding[] = [];
  const groups = (await file.root.names(reading)).filter(name => /^(layer_\d+|graph)$/.test(name)).sort(byNumber);
  const tensors: TensorRef[] = [];
  for (const name of groups) tensors.push(...(await parameters(file, name, findings, reading)));
  if (tensors.length === 0) return null;
  return {
    name: reading.name,
    format: 'keras-h5-weights',
    provenance: {
      line: 'keras1',
      keras: null,
      tensorflow: null,
      backend: null,
      evidence: ['weights are called param_0, param_1, …, as Keras before 1.0 named them'],
    },
    model: null,
    training: null,
    tensors,
    customObjects: [],
    findings: [...findings, ...file.findings],
    close: async () => file.source.close?.(),
  };
}

async function parameters(file: Hdf5File, name: string, findings: Finding[], reading: Reading): Promise<TensorRef[]> {
  const group = await file.get(`/${name}`, reading);
  if (group?.kind !== 'group') return [];
  const home = { file, prefix: '' };
  const tensors: TensorRef[] = [];
  for (const parameter of (await group.names(reading)).filter(one => /^param_\d+$/.test(one)).sort(byNumber)) {
    const dataset = await group.get(parameter, reading);
    const tensor = dataset?.kind === 'dataset' ? datasetTensor(home, dataset) : null;
    const problem = dataset?.kind === 'dataset' ? datasetProblem(home, dataset) : null;
    if (problem) findings.push(problem);
    if (tensor) tensors.push(tensor);
  }
  return tensors;
}

function byNumber(a: string, b: string): number {
  return Number(/\d+$/.exec(a)?.[0] ?? 0) - Number(/\d+$/.exec(b)?.[0] ?? 0);
}
