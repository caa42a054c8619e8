/** Does anything of a damaged artefact lie open to be taken out? A rescue is offered only where it has something to give. */

import type { RawArtefact, RawHdf5, RawNode } from '../artefacts/raw/index.ts';

/** True where at least one tensor can still be reached by name. */
export function isRescuable({ hdf5, zip, unzipped, savedModel, checkpoint }: RawArtefact): boolean {
  const files: readonly (RawHdf5 | null | undefined)[] = [hdf5, zip?.weights, unzipped?.weights];
  if (files.some(file => file?.root && hasDataset(file.root))) return true;
  return [checkpoint, savedModel?.variables].some(
    found => found && found.entries.length > 0 && found.shards.some(({ size }) => size !== null && size > 0),
  );
}

function hasDataset(node: RawNode): boolean {
  if (node.kind === 'dataset') return node.problem === null;
  return node.kind === 'group' && Object.values(node.children).some(hasDataset);
}
