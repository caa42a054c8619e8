/**
 * Whether the model that was loaded computes what the saved one did. The same config is read twice, once with the
 * meaning its writer gave to its words and once with the loading Keras's, and where they differ both are traced: what
 * does not reach the outputs does not count.
 */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import type { Era } from '../../eras/era.ts';
import { plainVersion } from '../../eras/versions.ts';
import { inferModel } from '../../layers/infer.ts';
import { flattenStructure } from '../../layers/walk.ts';
import type { Json, JsonObject, Layer, Model } from '../../model/types.ts';
import { startFingerprints } from '../../ops/fingerprint.ts';
import { describeRaw, readAs, writerOf } from '../infer-raw.ts';
import { withoutLostAxes } from '../lost-axes.ts';
import type { Evidence } from '../python/exception.ts';
import { differs, type Run } from '../run.ts';
import { changeText } from './words.ts';

/** Notes the first layer that computes something else here than where the artefact was saved. */
export function compareMeaning(run: Run): void {
  const { raw } = run;
  const written = describeRaw(raw)?.model;
  if (!written || written.root || raw.savedModel) return;
  const key = JSON.stringify([readerOf(run), run.lostAxes]);
  const known = kept.get(raw) ?? new Map<string, Evidence | null>();
  kept.set(raw, known);
  if (!known.has(key)) known.set(key, findDifference(run, written));
  const found = known.get(key);
  if (found) differs(run, 'silent-wrong-predictions', found);
}

const kept = new WeakMap<RawArtefact, Map<string, Evidence | null>>();

function readerOf({ environment: { line, keras, backend } }: Run): Era {
  return { line, keras: plainVersion(keras), backend };
}

function findDifference(run: Run, written: Model): Evidence | null {
  const reader = readerOf(run);
  const model = readAs(run.raw, reader);
  if (!model) return null;
  const read = withoutQuiet(withoutLostAxes(model, run));
  const told = withoutQuiet(written);
  if (JSON.stringify(told.layers) === JSON.stringify(read.layers)) return null;
  const at = firstDifference(told, read);
  if (!at) return null;
  const text = changeText(at.written, at.read, writerOf(run.raw), reader);
  return { text, where: at.written.name, offset: null };
}

/**
 * Differences that hardly ever show are not held against a load: what comes out at masked steps before the first one
 * that counts, scores where everything is masked, the dtype of ones and zeros.
 */
function isQuiet(key: string, value: Json): boolean {
  return key === 'masked_output' || key === 'encoded_dtype' || (key === 'mask_rule' && value === 'add');
}

function withoutQuiet(model: Model): Model {
  const layers = model.layers.map(layer => ({
    ...layer,
    config: plainly(layer.config) as JsonObject,
    model: layer.model && withoutQuiet(layer.model),
  }));
  return { ...model, layers };
}

function plainly(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainly);
  const kept = Object.entries(value as JsonObject).filter(([key, inner]) => !isQuiet(key, inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, plainly(inner)]));
}

interface LayerPair {
  readonly written: Layer;
  readonly read: Layer;
}

/** The first call whose results differ, if what differs reaches an output; null where the models compute the same. */
function firstDifference(written: Model, read: Model): LayerPair | null {
  const fingerprint = startFingerprints();
  const told = [traceCalls(written, fingerprint), traceCalls(read, fingerprint)] as const;
  const calls = [...told[0]].flatMap(([key, call]) => {
    const other = told[1].get(key);
    return other ? [{ key, written: call.layer, read: other.layer, same: call.results === other.results }] : [];
  });
  const results = outputsOf(written).map(key => calls.find(call => call.key === key));
  if (results.every(call => call?.same)) return null;
  return calls.find(call => !call.same) ?? untraced(written, read, new Set(calls.map(call => call.written)));
}

interface TracedCall {
  readonly layer: Layer;
  readonly results: string;
}

/** Every traced call by place in the config, number of the call, and how often the model around it was called before. */
function traceCalls(model: Model, fingerprint: ReturnType<typeof startFingerprints>): Map<string, TracedCall> {
  const calls = new Map<string, TracedCall>();
  const onCall = (
    layer: Layer,
    node: number,
    { outputs }: { outputs: readonly Parameters<typeof fingerprint>[0][] },
  ) => {
    let again = 0;
    while (calls.has(callKey(layer, node, again))) again += 1;
    calls.set(callKey(layer, node, again), { layer, results: outputs.map(fingerprint).join() });
  };
  inferModel(model, { onCall });
  return calls;
}

function callKey(layer: Layer, node: number, again: number): string {
  return `${layer.at.pointer} ${layer.name} ${node} ${again}`;
}

function outputsOf(model: Model): string[] {
  return flattenStructure(model.outputs, 'listed').map(({ layer, node }) => {
    const found = model.layers.find(({ name }) => name === layer);
    return found ? callKey(found, node, 0) : '';
  });
}

/** Keys whose difference seldom shows: not held against layers that could not be traced. */
const quietKeys = new Set(['mask_rule', 'value_mask', 'automatic_masks', 'zero_output_for_mask']);

/** Layers behind one that nobody defines cannot be traced: there what the configs say must do. */
function untraced(written: Model, read: Model, traced: ReadonlySet<Layer>): LayerPair | null {
  for (const [index, layer] of written.layers.entries()) {
    const other = read.layers[index];
    if (!other || traced.has(layer)) continue;
    const inner = layer.model && other.model ? untraced(layer.model, other.model, traced) : null;
    if (inner) return inner;
    if (loudly(layer.config) !== loudly(other.config)) return { written: layer, read: other };
  }
  return null;
}

function loudly(config: Json): string {
  return JSON.stringify(config, (key, value) => (quietKeys.has(key) ? undefined : value));
}
