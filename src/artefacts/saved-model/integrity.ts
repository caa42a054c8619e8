/**
 * What can be checked of a SavedModel or checkpoint without reading much: every message of the graph, and the checksums of
 * tensors as far as a fixed budget of bytes goes. A tensor's checksum is checked anyway when it is read.
 */

import { decode } from '../../containers/protobuf/message.ts';
import type { BundleEntry } from '../../containers/table/bundle.ts';
import { readBundleTensor } from '../../containers/table/tensor.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { savedModelChecksum } from '../../tensorflow/fingerprint.ts';
import { objectGraphKey } from '../../tensorflow/object-graph.ts';
import type { MetaGraph, SavedModelContents, Variables } from '../../tensorflow/saved-model.ts';
import { damagedFinding } from '../../tensorflow/saved-model.ts';
import { FunctionDefProto } from '../../tensorflow/schema/graph.ts';

/** Bytes of tensors that are read to check them when an artefact is opened. */
const openingBudget = 2 ** 20;
/** Bytes of functions that are decoded to check them. */
const functionBudget = 2 ** 23;

/**
 * Findings for tensors whose checksum is wrong, smallest first until the budget is spent. Shards that `known` findings
 * name already are left out.
 */
export async function checkTensors(
  { bundle, shards }: Variables,
  prefix: string,
  known: readonly Finding[],
  budget = openingBudget,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const broken = new Set(known.map(({ at }) => at.path));
  const entries = [...bundle.entries.values()]
    .filter(entry => isWhole(entry, shards) && !broken.has(`${prefix}${bundle.shardName(entry.shard)}`))
    .sort((a, b) => a.size - b.size);
  let left = budget;
  for (const entry of entries) {
    left -= entry.size;
    if (left < 0) break;
    try {
      await readBundleTensor(bundle, entry);
    } catch (error) {
      if (!isLoadstoneError(error, 'damaged')) throw error;
      findings.push({
        ...damagedFinding(error, `${prefix}${bundle.shardName(entry.shard)}`),
        code: 'bytes-corrupted-weights',
      });
    }
  }
  return findings;
}

function isWhole({ key, dtype, slices, shard, offset, size }: BundleEntry, shards: Variables['shards']): boolean {
  // The object graph was read, and so checked, when the checkpoint was opened.
  if (key === objectGraphKey) return false;
  const source = shards.get(shard);
  return dtype !== null && slices.length === 0 && source !== undefined && offset + size <= source.size;
}

/** Bytes of `saved_model.pb` whose checksum is checked when it is opened: a tenth of a second. */
const fingerprintBudget = 2 ** 19;

/** A finding where `saved_model.pb` is not what it was when its checksum was written. */
export function checkFingerprint({ pb, fingerprint }: SavedModelContents, budget = fingerprintBudget): Finding[] {
  // TF 2.11 kept another checksum in the same place; from version 1 on it is that of the file.
  if (!pb || !fingerprint || (fingerprint.version?.producer ?? 0) < 1 || pb.byteLength > budget) return [];
  if (checksumOrNull(pb) === fingerprint.savedModelChecksum) return [];
  const what =
    'saved_model.pb is not what it was when it was saved: its checksum is not the one in fingerprint.pb. If it was changed on purpose, delete fingerprint.pb';
  return [
    {
      code: 'bytes-corrupted-metadata',
      severity: 'error',
      what,
      at: { path: 'saved_model.pb', offset: 0, length: pb.byteLength },
    },
  ];
}

function checksumOrNull(pb: Uint8Array): bigint | null {
  try {
    return savedModelChecksum(pb);
  } catch {
    return null;
  }
}

/** A finding where the graph or one of its functions cannot be decoded. */
export function checkGraph(metaGraph: MetaGraph): Finding[] {
  try {
    const graph = metaGraph.graph();
    let left = functionBudget;
    for (const bytes of graph.library?.function ?? []) {
      left -= bytes.byteLength;
      if (left < 0) break;
      decode(FunctionDefProto, bytes, { where: 'saved_model.pb', offset: bytes.byteOffset });
    }
    return [];
  } catch (error) {
    if (!isLoadstoneError(error, 'damaged')) throw error;
    return [damagedFinding(error, 'saved_model.pb')];
  }
}
