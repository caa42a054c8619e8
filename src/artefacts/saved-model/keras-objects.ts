/**
 * The Keras objects of a SavedModel: which objects of its graph are models, layers and metrics, and what Keras wrote of
 * each. From TF 2.5 on that stands in `keras_metadata.pb`, before in the object graph itself, and exports of TF 1.13 to
 * 1.15 have `assets/saved_model.json` instead.
 */

import type { Folder } from '../../bytes/folder.ts';
import { parseJson } from '../../containers/json/index.ts';
import { decode } from '../../containers/protobuf/message.ts';
import { isRecord } from '../../eras/normalise/values.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Json, JsonObject } from '../../model/types.ts';
import { objectPaths } from '../../tensorflow/object-graph.ts';
import type { MetaGraph } from '../../tensorflow/saved-model.ts';
import { SavedMetadataProto } from '../../tensorflow/schema/saved-model.ts';

export interface KerasObject {
  /** Number in the object graph. */
  readonly node: number;
  /** `layer_with_weights-0`, attributes joined by slashes; empty for the root. */
  readonly path: string;
  /** `_tf_keras_layer`, `_tf_keras_network`, `_tf_keras_metric` … */
  readonly identifier: string;
  /** What Keras wrote of it. */
  readonly metadata: JsonObject;
}

export interface KerasMetadata {
  readonly objects: readonly KerasObject[];
  /** Where it was found: a file, or `saved_model.pb`. Null where there is none. */
  readonly where: string | null;
}

const metadataName = 'keras_metadata.pb';
const jsonName = 'assets/saved_model.json';
/** Configs of the largest models come to some megabytes. */
const maxMetadataBytes = 2 ** 28;

interface RawObject {
  readonly nodeId: number;
  readonly nodePath: string;
  readonly identifier: string;
  readonly metadata: string;
}

/** Finds the metadata wherever this release put it. What cannot be read is a finding. */
export async function readKerasMetadata(
  folder: Folder,
  metaGraph: MetaGraph,
  findings: Finding[],
): Promise<KerasMetadata> {
  const beside = await readMetadataFile(folder, findings);
  if (beside !== null) return { objects: parseObjects(beside, metaGraph, metadataName, findings), where: metadataName };
  const inside = objectsInGraph(metaGraph);
  if (inside.length > 0) {
    return { objects: parseObjects(inside, metaGraph, 'saved_model.pb', findings), where: 'saved_model.pb' };
  }
  return { objects: [], where: null };
}

async function readMetadataFile(folder: Folder, findings: Finding[]): Promise<readonly RawObject[] | null> {
  const source = await folder.file(metadataName);
  if (source === null) return null;
  try {
    if (source.size > maxMetadataBytes) throw new RangeError(`it has ${source.size} bytes`);
    return decode(SavedMetadataProto, await source.read(0, source.size), { where: source.name }).nodes;
  } catch (error) {
    if (isLoadstoneError(error) && error.code !== 'damaged') throw error;
    const offset = isLoadstoneError(error) ? error.offset : undefined;
    const what = `${metadataName} cannot be read: ${error instanceof Error ? error.message : error}`;
    findings.push({ code: 'bytes-corrupted-metadata', severity: 'error', what, at: { path: metadataName, offset } });
    return null;
  }
}

/** Objects that carry their metadata themselves (TF 1.15 to 2.4). */
function objectsInGraph({ objects }: MetaGraph): readonly RawObject[] {
  return (objects?.nodes ?? []).flatMap(({ userObject }, nodeId) => {
    if (!userObject?.identifier.startsWith('_tf_keras') || userObject.metadata === '') return [];
    return [{ nodeId, nodePath: '', identifier: userObject.identifier, metadata: userObject.metadata }];
  });
}

function parseObjects(
  raw: readonly RawObject[],
  metaGraph: MetaGraph,
  where: string,
  findings: Finding[],
): KerasObject[] {
  const paths = objectPaths(metaGraph.objects?.nodes ?? []);
  return raw.flatMap(({ nodeId, nodePath, identifier, metadata }) => {
    const parsed = parseMetadata(metadata, `${where}, object ${nodeId}`, where, findings);
    const path = paths.get(nodeId) ?? nodePath.replace(/^root\.?/, '').replaceAll('.', '/');
    return parsed ? [{ node: nodeId, path, identifier, metadata: parsed }] : [];
  });
}

function parseMetadata(text: string, name: string, path: string, findings: Finding[]): JsonObject | null {
  try {
    const value = parseJson(text, { name }) as Json;
    return isRecord(value) ? value : null;
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    findings.push({ code: 'config-not-json', severity: 'error', what: error.what, at: { path } });
    return null;
  }
}

/** The model as `tf.keras.experimental.export_saved_model` wrote it beside the graph (TF 1.13 to 1.15); null without. */
export async function readSavedModelJson(folder: Folder, findings: Finding[]): Promise<JsonObject | null> {
  const source = await folder.file(jsonName);
  if (source === null || source.size > maxMetadataBytes) return null;
  const text = new TextDecoder().decode(await source.read(0, source.size));
  return parseMetadata(text, jsonName, jsonName, findings);
}
