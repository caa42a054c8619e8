/**
 * What is behind a loader's complaint, and what no loader complains of: the artefact's own faults beside what was raised.
 */

import type { RawArtefact, RawGroup } from '../artefacts/raw/index.ts';
import { twice } from './faults/archive.ts';
import { contradiction, foreignCode, withoutGetConfig } from './faults/config.ts';
import { checkpointPrefix, foreignContent, madeForTensorflowJs } from './faults/content.ts';
import { damageOf } from './faults/damage.ts';
import { type Fault, faultOf } from './faults/index.ts';
import { oddArchive } from './faults/names.ts';
import { optimizerOfAnother } from './faults/training.ts';
import { type Run, remark } from './run.ts';

/** Notes what is wrong with the artefact though it loads; nothing where a difference was foreseen already. */
export function remarkFaults(run: Run): void {
  if (run.notes.length > 0) return;
  const fault = wholeModelAsWeights(run) ?? faultOf(run.raw);
  if (fault) remark(run, fault.failure, fault.evidence);
}

type Detector = (raw: RawArtefact) => Fault | null;

/** By what a loader complains of, what may be behind it: the first that the artefact shows is the cause. */
const behind: { readonly [failure: string]: readonly Detector[] } = {
  'weights-missing-in-file': [damageOf, foreignContent],
  'weights-order-or-name-mismatch': [damageOf, foreignContent],
  'weights-only-as-model': [damageOf],
  'architecture-mismatch-count': [damageOf],
  'architecture-mismatch-shape': [damageOf],
  'truncated-or-corrupt': [({ zip }) => twice(zip?.members ?? [])],
  'custom-object-missing': [optimizerOfAnother, withoutGetConfig],
  'file-not-found-path': [checkpointPrefix, nearNames],
  'filename-extension-required': [madeForTensorflowJs, foreignContent, renamedArchive],
  'not-a-model-file': [madeForTensorflowJs, foreignContent],
  'savedmodel-missing-files': [madeForTensorflowJs],
  'savedmodel-in-keras3': [madeForTensorflowJs],
  'wrong-loader-for-format': [foreignContent],
  'input-shape-unknown': [contradiction],
  'mixed-precision-policy': [contradiction],
};

/** What a loader complains of, and what is behind it. Commands in a config come before anything else. */
export function causeBehind(raw: RawArtefact, failure: string | null): Fault | null {
  const danger = foreignCode(raw);
  if (danger) return danger;
  if (failure === null) return faultOf(raw);
  for (const detect of behind[failure] ?? []) {
    const found = detect(raw);
    if (found) return found;
  }
  return null;
}

function renamedArchive({ zip, path }: RawArtefact): Fault | null {
  return zip?.members.some(({ name }) => name === 'config.json') ? oddArchive(path) : null;
}

function nearNames({ nearby, path }: RawArtefact): Fault | null {
  if (nearby.length === 0) return null;
  const text = `what lies there under like names: ${nearby.slice(0, 5).join(', ')}`;
  return { failure: 'file-not-found-path', evidence: { text, where: path, offset: null } };
}

/** `load_weights` of a whole model does what it says; whoever wanted the model wants `load_model`. */
function wholeModelAsWeights({ mode, raw }: Run): Fault | null {
  if (mode !== 'weights') return null;
  const whole = holdsConfig(raw.hdf5?.root) || raw.zip?.texts['config.json'] !== undefined;
  if (!whole) return null;
  const text = 'it is a whole model: load_weights takes its weights and leaves its architecture and training state';
  return { failure: 'wrong-loader-for-format', evidence: { text, where: raw.path, offset: null } };
}

function holdsConfig(root: RawGroup | null | undefined): boolean {
  return root?.attributes.model_config !== undefined;
}
