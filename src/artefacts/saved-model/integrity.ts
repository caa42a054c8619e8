/**
 * What can be checked of a SavedModel or checkpoint without reading much: every message of the graph, and the checksums of
 * tensors as far as a fixed budget of bytes goes. A tensor's checksum is checked anyway when it is read.
 */

import { checkMessage, decode } from '../../containers/protobuf/message.ts';
import type { BundleEntry } from '../../containers/table/bundle.ts';
import { readBundleTensor } from '../../containers/table/tensor.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { savedModelChecksum } from '../../tensorflow/fingerprint.ts';
import { objectGraphKey } from '../../tensorflow/object-graph.ts';
import type { MetaGraph, SavedModelContents, Variables } from '../../tensorflow/saved-model.ts';
import { damagedFinding } from '../../tensorflow/saved-model.ts';
import { FunctionDefProto, GraphDefProto, LibraryOnlyProto } from '../../tensorflow/schema/graph.ts';
import { StructuredValueProto } from '../../tensorflow/schema/objects.ts';

/** Bytes of tensors that are read to check them when an artefact is opened. */
const openingBudget = 2 ** 20;

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

/** Bytes of `saved_model.pb` whose checksum is checked when it is opened: some hundredths of a second. */
const fingerprintBudget = 2 ** 17;

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

/** A finding where the graph, one of its functions or of its signatures cannot be decoded. */
export function checkGraph(metaGraph: MetaGraph, pb: Uint8Array | null): Finding[] {
  const where = 'saved_model.pb';
  try {
    const place = (bytes: Uint8Array) => ({ where, offset: bytes.byteOffset - (pb?.byteOffset ?? 0) });
    const { graphDef } = metaGraph.stored;
    checkMessage(GraphDefProto, graphDef, place(graphDef));
    const { function: functions = [] } = decode(LibraryOnlyProto, graphDef, place(graphDef)).library ?? {};
    for (const bytes of functions) checkMessage(FunctionDefProto, bytes, place(bytes));
    for (const { canonicalizedInputSignature, outputSignature } of metaGraph.objects?.concreteFunctions.values() ??
      []) {
      checkMessage(StructuredValueProto, canonicalizedInputSignature, place(canonicalizedInputSignature));
      checkMessage(StructuredValueProto, outputSignature, place(outputSignature));
    }
    return [];
  } catch (error) {
    if (!isLoadstoneError(error, 'damaged')) throw error;
    return [damagedFinding(error, where)];
  }
}

/** Bytes that are read to check them before a model is run: a tenth of a second. */
const runningBudget = 2 ** 24;

/** What opening left unchecked, as far as a larger budget goes. */
export async function checkFurther(contents: SavedModelContents, known: readonly Finding[]): Promise<Finding[]> {
  const graph = checkFingerprint(contents, runningBudget);
  if (!contents.variables) return graph;
  return [...graph, ...(await checkTensors(contents.variables, 'variables/', known, runningBudget))];
}
