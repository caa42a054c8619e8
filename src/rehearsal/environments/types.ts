/** What is installed where an artefact is to be loaded. */

import type { Line } from '../../model/types.ts';

export interface Environment {
  /** Known id, the id as given, or the pins. */
  readonly id: string;
  readonly line: Line;
  /** As the package says it: `2.2.4-tf` for tf.keras of TensorFlow 1.13 to 2.0. */
  readonly keras: string;
  readonly tensorflow: string | null;
  readonly backend: string;
  readonly h5py: string;
  readonly numpy: string;
  readonly python: string;
}
