/** The raw facts of an architecture in a `.json` file, as if it had been read from disk. */

import type { RawArtefact } from '../../src/artefacts/raw/index.ts';

export function rawArchitecture(config: object): RawArtefact {
  return {
    path: 'model.json',
    presence: 'file',
    size: 0,
    head: new Uint8Array(),
    hdf5: null,
    zip: null,
    text: new TextEncoder().encode(JSON.stringify(config)),
    files: [],
    savedModel: null,
    checkpoint: null,
    unzipped: null,
    nearby: [],
    findings: [],
  };
}
