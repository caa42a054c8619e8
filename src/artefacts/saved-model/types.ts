/** A SavedModel as an artefact: besides the model, its variables and its functions, which can be run by signatures. */

import type { Finding } from '../../findings/finding.ts';
import type { Artefact } from '../../model/types.ts';
import type { Program } from '../../tensorflow/program.ts';
import type { SignatureDescription } from '../../tensorflow/signature.ts';
import type { CheckpointVariable } from '../checkpoint/variables.ts';

export interface SavedModelArtefact extends Artefact {
  /** What kind of SavedModel it is: with Keras's metadata, an export without them, or a graph with its weights inside. */
  readonly export: 'keras' | 'bare' | 'frozen-graph';
  /** Every array of its checkpoint, with what it is for. */
  readonly variables: readonly CheckpointVariable[];
  /** What can be called of it, by name. */
  readonly signatures: readonly SignatureDescription[];
  /** Reads its functions, ready to be traced; null where the graph cannot be read. */
  readonly openProgram: (() => Promise<Program>) | null;
  /** Checks more checksums than opening did, up to a budget of bytes; gives what is wrong. */
  check(): Promise<readonly Finding[]>;
}

/** True for an artefact that holds functions of TensorFlow. */
export function isSavedModel(artefact: Artefact): artefact is SavedModelArtefact {
  return 'openProgram' in artefact && 'signatures' in artefact;
}
