/** A TensorFlow bundle as `load_weights` and SavedModels meet it: index, entries, shards, checksums, object graph. */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource, ReadOptions } from '../../bytes/source.ts';
import { type Bundle, openBundle } from '../../containers/table/bundle.ts';
import { verifyBundleTensor } from '../../containers/table/tensor.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import { readObjectGraph } from '../../tensorflow/object-graph.ts';
import { problemFrom } from './problem.ts';
import type { RawCheckpoint, RawCheckpointEntry, RawTrackable } from './types.ts';

/** Bytes whose checksums are looked at; what lies beyond is taken on trust, so that big models answer at once. */
const verifyBudget = 64 << 20;

/** Reads what lies at `prefix`; entries are empty where the index is missing or broken. */
export async function readRawCheckpoint(
  folder: Folder,
  prefix: string,
  options: ReadOptions = {},
): Promise<RawCheckpoint> {
  const none: RawCheckpoint = { prefix, index: null, entries: [], shards: [], objects: null };
  const source = await folder.file(`${prefix}.index`);
  const sized = async (name: string) => {
    const file = await folder.file(name);
    return { name, size: file?.size ?? null, pointer: file ? await isPointer(file) : false };
  };
  const listed = ((await folder.list()) ?? []).filter(name => name.startsWith(`${prefix}.data-`));
  const shards = await Promise.all(listed.map(sized));
  if (!source) return { ...none, shards };
  const size = source.size;
  const pointer = await isPointer(source);
  try {
    const bundle = await openBundle(folder, prefix);
    const entries = await readEntries(bundle, options);
    const wanted = Array.from({ length: bundle.header.numShards }, (_, shard) => bundle.shardName(shard));
    const all = await Promise.all(wanted.map(name => shards.find(shard => shard.name === name) ?? sized(name)));
    return {
      prefix,
      index: { size, problem: null, pointer },
      entries,
      shards: all,
      objects: await readObjects(bundle),
    };
  } catch (error) {
    return { ...none, shards, index: { size, problem: problemFrom(error), pointer } };
  }
}

/** A text of Git LFS where the file should be. */
async function isPointer(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, Math.min(source.size, 32));
  return new TextDecoder('latin1').decode(head).startsWith('version https://git-lfs');
}

async function readEntries(bundle: Bundle, options: ReadOptions): Promise<RawCheckpointEntry[]> {
  let budget = verifyBudget;
  const entries: RawCheckpointEntry[] = [];
  for (const entry of bundle.entries.values()) {
    budget -= entry.size;
    const damage = budget > 0 ? await verifyBundleTensor(bundle, entry, options) : null;
    const problem = damage ? problemFrom(damage) : null;
    entries.push({
      key: entry.key,
      shape: entry.shape,
      dtype: entry.dtype ?? `type ${entry.type}`,
      shard: entry.shard,
      offset: entry.offset,
      length: entry.size,
      problem,
    });
  }
  return entries;
}

async function readObjects(bundle: Bundle): Promise<RawTrackable[] | null> {
  try {
    const nodes = await readObjectGraph(bundle);
    return (
      nodes?.map(({ children, attributes, slotVariables }) => ({
        children: children.map(({ nodeId, localName }) => ({ id: nodeId, name: localName })),
        attributes: attributes.map(({ name, fullName, checkpointKey }) => ({ name, fullName, key: checkpointKey })),
        slots: slotVariables.map(slot => ({
          variable: slot.originalVariableNodeId,
          name: slot.slotName,
          slot: slot.slotVariableNodeId,
        })),
      })) ?? null
    );
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return null;
  }
}
