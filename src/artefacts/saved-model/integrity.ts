/**
 * What can be checked of a SavedModel or checkpoint without reading much: every message of the graph, and the checksums of
 * tensors as far as a fixed budget of bytes goes. A tensor's checksum is checked anyway when it is read.
 */

import { planRanges } from '../../bytes/coalesce.ts';
import { type ByteSource, readRanges } from '../../bytes/source.ts';
import { checkMessage } from '../../containers/protobuf/message.ts';
import type { Bundle, BundleEntry } from '../../containers/table/bundle.ts';
import { verifyBundleBytes } from '../../containers/table/tensor.ts';
import { isLoadstoneError, type LoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { savedModelChecksum } from '../../tensorflow/fingerprint.ts';
import { objectGraphKey } from '../../tensorflow/object-graph.ts';
import type { MetaGraph, SavedModelContents, Variables } from '../../tensorflow/saved-model.ts';
import { damagedFinding } from '../../tensorflow/saved-model.ts';
import { WholeGraphProto } from '../../tensorflow/schema/graph.ts';
import { StructuredValueProto } from '../../tensorflow/schema/objects.ts';

/** Bytes of tensors that are read to check them when an artefact is opened. */
const openingBudget = 2 ** 20;

/** Bytes between two tensors that are read with them rather than asked for apart. */
const smallGap = 4096;

/**
 * Findings for tensors whose checksum is wrong, by where they lie; the smallest are checked until the budget is spent.
 * Shards that `known` findings name already are left out.
 */
export async function checkTensors(
  { bundle, shards }: Variables,
  prefix: string,
  known: readonly Finding[],
  budget = openingBudget,
): Promise<Finding[]> {
  const broken = new Set(known.map(({ at }) => at.path));
  const entries = [...bundle.entries.values()].filter(
    entry => isWhole(entry, shards) && !broken.has(`${prefix}${bundle.shardName(entry.shard)}`),
  );
  const affordable = withinBudget(entries, budget);
  const findings: Finding[] = [];
  for (const [shard, source] of shards) {
    const wrong = await checkShard(
      bundle,
      source,
      affordable.filter(entry => entry.shard === shard),
    );
    const path = `${prefix}${bundle.shardName(shard)}`;
    findings.push(...wrong.map(error => ({ ...damagedFinding(error, path), code: 'bytes-corrupted-weights' })));
  }
  return findings;
}

/** What is wrong with these entries of one shard. */
async function checkShard(
  bundle: Bundle,
  source: ByteSource,
  entries: readonly BundleEntry[],
): Promise<LoadstoneError[]> {
  const wishes = entries.map(entry => ({ entry, offset: entry.offset, length: entry.size }));
  const ranges = planRanges(wishes, { gap: smallGap });
  const fetched = await readRanges(source, ranges);
  return ranges.flatMap(({ offset: start, parts }, at) =>
    parts.flatMap(({ entry, offset, length }) => {
      const bytes = fetched[at]!.subarray(offset - start, offset - start + length);
      return verifyBundleBytes(bundle, entry, source, bytes) ?? [];
    }),
  );
}

/** The smallest entries that come to no more than `budget` bytes together. */
function withinBudget(entries: readonly BundleEntry[], budget: number): BundleEntry[] {
  const sorted = [...entries].sort((a, b) => a.size - b.size);
  let left = budget;
  const end = sorted.findIndex(({ size }) => {
    left -= size;
    return left < 0;
  });
  return end < 0 ? sorted : sorted.slice(0, end);
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
    checkMessage(WholeGraphProto, graphDef, place(graphDef));
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
