/**
 * Weights by path, as `.keras` and `.weights.h5` keep them: each object's variables against the group at its path.
 * Keras 3 (from 3.0.2) collects what fails and says it once; tf.keras stops at the first. Facts: saving/saving_lib.py.
 */

import type { RawDataset, RawGroup, RawHdf5, RawLink, RawNode } from '../../artefacts/raw/index.ts';
import type { InferredModel } from '../../layers/infer.ts';
import type { Built } from '../built.ts';
import { find, openFile, raiseLink, raiseObject } from '../h5py.ts';
import { raiseMember } from '../lines/zip-config.ts';
import { evidence, exception, isPythonException, type PythonException, raise } from '../python/exception.ts';
import { reprShape } from '../python/repr.ts';
import { obstacle, type Run, remark, since } from '../run.ts';
import { refuseLink, safeChild, shapeFailure, storesSafely, takeValues } from './access.ts';
import { loadAssets } from './assets.ts';
import { otherRecurrent } from './gates.ts';
import { misplacedOptimizer } from './optimizer.ts';
import { hasWeights, pathRules, type WalkedObject, walkModel } from './walk-paths.ts';

/** The weights member of an archive, walked along the model. */
export function loadStoreWeights(run: Run, weights: RawHdf5 | null, _model: Built | null): void {
  const member = run.raw.zip?.members.findLast(
    ({ name }) => name === 'model.weights.h5' || name === 'model.weights.npz',
  );
  if (run.raw.zip && !member) {
    raise('ValueError', 'Expected a model.weights.h5 or model.weights.npz file.', {
      failure: 'weights-missing-in-file',
      evidence: evidence('the archive holds no weights', run.raw.path),
    });
  }
  if (member?.problem) {
    raiseMember(member.problem.code, member.name, {
      failure: 'truncated-or-corrupt',
      evidence: evidence(member.problem.what, member.name, member.problem.offset),
    });
  }
  if (member?.name.endsWith('.npz')) return;
  const root = openFile(run, weights, 'model.weights.h5');
  loadByPath(run, root, run.inferred);
  if (run.inferred) loadAssets(run, run.inferred);
  const misplaced = misplacedOptimizer(run, root);
  if (misplaced && !run.supposed.has(misplaced.suppose!)) throw misplaced;
}

/** Walks the model's objects. */
export function loadByPath(run: Run, root: RawGroup, model: InferredModel | null): void {
  if (!model) return;
  const collected: { object: WalkedObject; error: PythonException }[] = [];
  checkRoot(run, root);
  // Who loads weights into a model of their own has made each shared layer once.
  const visited = run.architecture ? new Set<string>() : null;
  for (const object of walkModel(model, pathRules(run), visited)) {
    if (!object.layer.known || run.unbuilt.has(object.layer.name)) continue;
    try {
      loadObject(run, root, object);
    } catch (error) {
      if (!isPythonException(error)) throw error;
      if (!collects(run)) throw error;
      collected.push({ object, error });
    }
  }
  if (collected.length > 0) raiseCollected(collected, otherCount(run, root, model));
  const known = model.layers.every(layer => layer.known);
  const [left] = run.architecture && known ? strangers(run, root, model) : [];
  if (left === undefined) return;
  const words = `the file has weights of "${left}", which the model does not have: they are left out`;
  remark(run, 'architecture-mismatch-count', evidence(words, `${pathRules(run).container}/${left}`));
}

/** Layers whose weights lie there, and which the model does not have. */
function strangers(run: Run, root: RawGroup, model: InferredModel): readonly string[] {
  const layers = find(root, pathRules(run).container);
  if (layers?.kind !== 'group') return [];
  const walked = new Set(walkModel(model, pathRules(run)).map(({ path }) => path.split('/')[1]));
  return Object.keys(layers.children).filter(name => !walked.has(name) && holdsVariables(layers.children[name]!));
}

/** Of another architecture: not one layer is wrong, but their number is. */
function otherCount(run: Run, root: RawGroup, model: InferredModel): string | null {
  const rules = pathRules(run);
  const layers = find(root, rules.container);
  if (run.architecture === null || layers?.kind !== 'group' || lacksOne(layers)) return null;
  const stored = Object.values(layers.children).filter(holdsVariables).length;
  const needed = model.layers.filter(hasWeights).length;
  return stored === needed ? null : 'architecture-mismatch-count';
}

/** Numbers of one class count from none up (dense, dense_1, …): a gap is a layer that was lost. */
function lacksOne({ path, children }: RawGroup): boolean {
  if (!path.endsWith('/layers')) return false;
  return Object.keys(children).some(name => {
    const [, base, number] = /^(.*)_(\d+)$/.exec(name) ?? [];
    if (base === undefined) return false;
    const before = number === '1' ? base : `${base}_${Number(number) - 1}`;
    return !(before in children);
  });
}

function holdsVariables(node: RawNode): boolean {
  if (node.kind !== 'group') return false;
  const { vars } = node.children;
  if (vars?.kind === 'group' && Object.keys(vars.children).length > 0) return true;
  return Object.entries(node.children).some(([name, child]) => name !== 'vars' && holdsVariables(child));
}

function collects(run: Run): boolean {
  return run.environment.line === 'keras3' && since(run, '3.0.2');
}

/** Older loaders want the model's own variables to have a group, even an empty one. */
function checkRoot(run: Run, root: RawGroup): void {
  if (root.children.vars || (run.environment.line === 'keras3' && since(run, '3.6'))) return;
  const text = `"Unable to synchronously open object (object 'vars' doesn't exist)"`;
  const facts = {
    failure: 'wrong-loader-for-format',
    evidence: evidence('the file has no group "vars": it is not a weights file of this kind', '/'),
  };
  if (!collects(run)) raise('KeyError', text, facts);
  raise(
    'ValueError',
    `A total of 1 objects could not be loaded. Example error message for object <Functional name=functional, built=True>:\n\n${text}\n\nList of objects that could not be loaded:\n[<Functional name=functional, built=True>]`,
    facts,
  );
}

interface StoredVariable {
  readonly name: string;
  /** Null for what lies in another file. */
  readonly dataset: RawDataset | null;
  readonly shape: readonly number[];
  readonly offset: number | null;
}

function loadObject(run: Run, root: RawGroup, { path, layer, weights }: WalkedObject): void {
  const stored = storedVariables(run, root, path);
  const facts = {
    failure: countFailure(run, root, stored, weights.length),
    evidence: evidence(
      `the file has ${stored.length} variables at ${path}, the layer "${layer.name}" needs ${weights.length}`,
      path,
    ),
    suppose: `path:${path}`,
  };
  if (stored.length !== weights.length) {
    const names = weights.map(({ name }) => `'${variableName(run, layer.name, name)}'`).join(', ');
    return obstacle(
      run,
      'ValueError',
      `Layer '${layer.name}' expected ${weights.length} variables, but received ${stored.length} variables during loading. Expected: [${names}]`,
      facts,
    );
  }
  weights.forEach(({ name, shape }, index) => {
    const found = stored.find(variable => variable.name === String(index));
    if (!found?.dataset) return;
    if (storesSafely(run)) safeChild(run, root, found.dataset.path);
    takeValues(run, found.dataset, name);
    if (!shape) return;
    const same = shape.length === found.shape.length && shape.every((size, axis) => size === found.shape[axis]);
    if (same) return;
    const words = `${path}/vars/${index} has shape ${reprShape(found.shape)}, the model needs ${reprShape(shape)}`;
    const shapes = weights.map((_, at) => stored.find(variable => variable.name === String(at))?.shape ?? []);
    const type = otherRecurrent({ className: layer.className, weights }, shapes);
    obstacle(run, 'ValueError', shapeText(run, layer.name, name, shape, found.shape), {
      failure: type ? 'layer-type-mismatch' : shapeFailure(run, found.dataset),
      evidence: type ?? evidence(words, `${path}/vars/${index}`, found.offset),
      suppose: `shape:${path}.${index}`,
    });
  });
}

/** tf.keras names variables with their layer, Keras 3 by their own name alone. */
function variableName(run: Run, layer: string, name: string): string {
  return run.environment.line === 'keras3' ? name : `${layer}/${name}:0`;
}

/** A layer that has none, or lacks one by its number, lost them; under the other name of the container they do lie. */
function countFailure(run: Run, root: RawGroup, stored: readonly StoredVariable[], needed: number): string {
  const { container } = pathRules(run);
  const other = container === 'layers' ? '_layer_checkpoint_dependencies' : 'layers';
  if (!root.children[container] && root.children[other]) return 'newer-file-older-keras';
  const another = run.architecture === null && run.inferred && strangers(run, root, run.inferred).length > 0;
  if (stored.length === 0 && another) return 'architecture-mismatch-count';
  const gap = stored.some(({ name }) => Number(name) >= stored.length);
  const own = run.architecture === null;
  return stored.length < needed && (stored.length === 0 || gap || own)
    ? 'weights-missing-in-file'
    : 'weights-order-or-name-mismatch';
}

function shapeText(run: Run, layer: string, name: string, needed: readonly number[], found: readonly number[]): string {
  if (run.environment.line !== 'keras3') {
    return `Cannot assign value to variable ' ${layer}/${name}:0': Shape mismatch.The variable shape ${reprShape(needed)}, and the assigned value shape ${reprShape(found)} are incompatible.`;
  }
  return `The shape of the target variable and the shape of the target value in \`variable.assign(value)\` must match. variable.shape=${reprShape(needed)}, Received: value.shape=${reprShape(found)}. Target variable: <Variable path=${layer}/${name}, shape=${reprShape(needed)}, dtype=float32>`;
}

/** The group at a path; Keras 3 from 3.0.2 on also tries the name that TensorFlow 2.12 to 2.14 gave the container. */
function groupAt(run: Run, root: RawGroup, path: string): RawNode | undefined {
  // Attention keeps its projections in private attributes, which Keras 3 has as public ones too.
  const hidden = path.replace(/\/(query|key|value|output)_dense$/, '/_$1_dense');
  const found = run.environment.line === 'keras3' ? (find(root, path) ?? find(root, hidden)) : find(root, hidden);
  if (found || !collects(run)) return found;
  return find(root, path.replaceAll(/(^|\/)layers\//g, '$1_layer_checkpoint_dependencies/'));
}

function storedVariables(run: Run, root: RawGroup, path: string): StoredVariable[] {
  const group = groupAt(run, root, path);
  if (group?.kind === 'damaged') raiseObject(run, group.problem);
  const vars = group?.kind === 'group' ? group.children.vars : undefined;
  if (vars?.kind === 'damaged') raiseObject(run, vars.problem);
  if (vars?.kind !== 'group') return [];
  return Object.entries(vars.children).flatMap(([name, node]) => {
    if (node.kind === 'damaged') raiseObject(run, node.problem);
    if (node.kind === 'external-link') return [{ name, ...openLink(run, node) }];
    return node.kind === 'dataset' ? [{ name, dataset: node, shape: node.shape ?? [], offset: node.offset }] : [];
  });
}

/** Links out of the file: refused by name, or there is nothing at their end in a folder made for the archive's member. */
function openLink(run: Run, link: RawLink): Omit<StoredVariable, 'name'> {
  if (storesSafely(run)) refuseLink(link.kind, link.path);
  if (!link.present) raiseLink(run, link);
  return { dataset: null, shape: [], offset: null };
}

function raiseCollected(
  collected: readonly { object: WalkedObject; error: PythonException }[],
  failure: string | null,
): void {
  const { object, error } = collected[0]!;
  const printed = (walked: WalkedObject) => `<${walked.layer.className} name=${walked.layer.name}, built=True>`;
  const listed = collected.map(entry => printed(entry.object)).join(', ');
  const text = `A total of ${collected.length} objects could not be loaded. Example error message for object ${printed(object)}:\n\n${error.message}\n\nList of objects that could not be loaded:\n[${listed}]`;
  throw {
    ...exception('ValueError', text),
    failure: failure ?? error.failure,
    evidence: collected.flatMap(entry => entry.error.evidence),
    suppose: error.suppose,
  };
}
