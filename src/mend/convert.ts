/**
 * An artefact in another form. Keras's own forms go through the mends for the release that is meant; the others hold
 * tensors, or text.
 */

import type { ByteSink } from '../bytes/sink.ts';
import type { ReadOptions } from '../bytes/source.ts';
import { writeHdf5 } from '../containers/hdf5/writer/index.ts';
import { describeTarget } from '../eras/write/layer.ts';
import type { Target } from '../eras/write/target.ts';
import { LoadstoneError } from '../findings/errors.ts';
import type { Artefact, JsonObject, Model } from '../model/types.ts';
import type { ConfigRefusal } from '../writers/config/context.ts';
import { pythonJson } from '../writers/json.ts';
import { namedTensors } from '../writers/named-tensors.ts';
import { writeTensorsNpz } from '../writers/npz.ts';
import { writeSafetensors } from '../writers/safetensors.ts';
import { weightsTree } from '../writers/weights-file.ts';
import { convertPython } from './convert-python.ts';
import { type Form, planMend, writeMended } from './mend.ts';
import { prepareModel } from './prepare.ts';
import type { Change } from './step.ts';
import type { Difference } from './verify.ts';

export type ConvertForm = Form | 'weights' | 'safetensors' | 'npz' | 'json' | 'python';

export interface Conversion {
  readonly changes: readonly Change[];
  readonly refusals: readonly ConfigRefusal[];
  /** What the file will be, for people. */
  readonly says: string;
  /** Writes it; the caller closes the sink. */
  write(sink: ByteSink, options?: ReadOptions): Promise<void>;
  /** A second file that the first one reads: the weights of Python code. */
  readonly beside?: { readonly name: string; write(sink: ByteSink, options?: ReadOptions): Promise<void> };
  /** What the release would understand otherwise; whether it matters, a run tells. */
  readonly doubts?: readonly Difference[];
  /** The release whose words it is in, where it is in any's. */
  readonly target?: Target;
}

/** What a file of that name is to be; null where its ending does not say. */
export function formOfPath(path: string): ConvertForm | null {
  const name = path.toLowerCase();
  if (name.endsWith('.weights.h5')) return 'weights';
  const endings: Readonly<Record<string, ConvertForm>> = {
    h5: 'h5',
    hdf5: 'h5',
    keras: 'keras',
    safetensors: 'safetensors',
    npz: 'npz',
    json: 'json',
    py: 'python',
  };
  return endings[name.slice(name.lastIndexOf('.') + 1)] ?? null;
}

/** Releases that most people have: the newest Keras 3, and the last tf.keras, which all .h5 readers know. */
const newestKeras: Target = { line: 'keras3', keras: '3.15.1', tensorflow: '2.21.0', backend: 'tensorflow' };
const lastTfKeras: Target = { line: 'tf.keras', keras: '2.15.0', tensorflow: '2.15.1', backend: 'tensorflow' };

/**
 * `target` null takes a release that suits the form; `weightsName` is the file that Python code reads its weights from.
 * Throws `unsupported` where the artefact lacks what the form needs.
 */
export function convert(
  artefact: Artefact,
  form: ConvertForm,
  target: Target | null = null,
  weightsName = 'model.weights.h5',
): Conversion {
  switch (form) {
    case 'h5':
    case 'keras':
      return kerasFile(artefact, form, target);
    case 'weights':
      return weightsFile(artefact, target ?? newestKeras);
    case 'json':
      return architecture(artefact, target ?? newestKeras);
    case 'python':
      return convertPython(artefact, target ?? newestKeras, weightsName);
    case 'safetensors':
      return tensorFile('safetensors, tensors by layer and variable', (sink, options) =>
        writeSafetensors(namedTensors(artefact), safetensorsMetadata(artefact), sink, options),
      );
    case 'npz':
      return tensorFile('NumPy arrays by layer and variable', (sink, options) =>
        writeTensorsNpz(namedTensors(artefact), sink, options),
      );
  }
}

function tensorFile(says: string, write: Conversion['write']): Conversion {
  return { changes: [], refusals: [], says, write };
}

/** The release that the artefact was written by, where it reads that form; else one that most people have. */
function releasesFor({ provenance }: Artefact, form: Form): Target[] {
  const { line, keras, tensorflow, backend } = provenance;
  const usual = form === 'keras' ? [newestKeras, lastTfKeras] : [lastTfKeras, newestKeras];
  if (line === null || keras === null || (form === 'keras' && line !== 'keras3')) return usual;
  const own: Target = { line, keras, tensorflow: plainTensorflow(tensorflow, keras), backend: backend ?? 'tensorflow' };
  return [own, ...usual];
}

/** Provenance names a range where versions share a Keras; the last of it has all that the others have. */
function plainTensorflow(tensorflow: string | null, keras: string): string {
  return /\d+\.\d+(?=\D*$)/.exec(tensorflow ?? '')?.[0] ?? keras;
}

function kerasFile(artefact: Artefact, form: Form, target: Target | null): Conversion {
  const plans = (target ? [target] : releasesFor(artefact, form)).map(one => planMend(artefact, one, form));
  const plan = plans.find(({ refusals }) => refusals.length === 0) ?? plans[0];
  if (!plan) throw new LoadstoneError('unsupported', 'no release reads this form');
  return {
    changes: plan.changes,
    refusals: plan.refusals,
    says: `in the words of ${describeTarget(plan.target)}`,
    doubts: plan.doubts,
    write: (sink, options) => writeMended(plan, sink, options),
  };
}

function modelOf(artefact: Artefact): Model {
  if (artefact.model) return artefact.model;
  throw new LoadstoneError('unsupported', 'it holds no architecture', {
    where: artefact.name,
    do: 'Convert it to .npz or .safetensors, which take tensors alone.',
  });
}

function weightsFile(artefact: Artefact, target: Target): Conversion {
  const { model, changes } = prepareModel(modelOf(artefact), target, target.line === 'keras3' ? 'v3' : 'h5');
  return {
    changes,
    refusals: [],
    says: `weights as ${describeTarget(target)} looks for them`,
    write: (sink, options) => writeHdf5(weightsTree(model, target, options), sink, options),
  };
}

function architecture(artefact: Artefact, target: Target): Conversion {
  const dialect = target.line === 'keras3' ? 'v3' : 'h5';
  const { config, changes, refusals } = prepareModel(modelOf(artefact), target, dialect);
  const versions: JsonObject =
    dialect === 'v3' ? {} : { keras_version: target.keras, backend: target.backend ?? 'tensorflow' };
  const text = pythonJson({ ...config, ...versions });
  return {
    changes,
    refusals,
    says: `architecture for model_from_json of ${describeTarget(target)}`,
    write: sink => sink.write(new TextEncoder().encode(text)),
  };
}

/** The architecture goes along as text, so that the file is a model and not only numbers. */
function safetensorsMetadata(artefact: Artefact): { [key: string]: string } {
  const written_by = 'loadstone';
  if (!artefact.model) return { written_by };
  const { config } = prepareModel(artefact.model, newestKeras, 'v3');
  return { written_by, keras_config: pythonJson(config) };
}
