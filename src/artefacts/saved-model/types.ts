/** A SavedModel as an artefact: besides the model, its variables and its program, which can be run by signatures. */

import type { Artefact } from '../../model/types.ts';
import type { Program } from '../../tensorflow/program.ts';
import type { CheckpointVariable } from '../checkpoint/variables.ts';

export interface SavedModelArtefact extends Artefact {
  /** What kind of SavedModel it is: with Keras's metadata, an export without them, or a graph with its weights inside. */
  readonly export: 'keras' | 'bare' | 'frozen-graph';
  /** Every array of its checkpoint, with what it is for. */
  readonly variables: readonly CheckpointVariable[];
  /** Names of its signatures. */
  readonly signatures: readonly string[];
  /** Its functions, ready to be traced once `prepare` has ended; null where the graph cannot be read. */
  readonly program: Program | null;
}

/** True for an artefact that holds functions of TensorFlow. */
export function isSavedModel(artefact: Artefact): artefact is SavedModelArtefact {
  return 'program' in artefact && 'signatures' in artefact;
}
