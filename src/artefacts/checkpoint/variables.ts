/**
 * The variables of a checkpoint, each with what it is for: the model, with the layer that it belongs to, or training. The
 * object graph tells it by what hangs where; in checkpoints by name (TF1) a variable below another one's name is
 * its optimizer slot.
 */

import type { TensorRef } from '../../model/types.ts';
import { objectGraphKey, objectPaths } from '../../tensorflow/object-graph.ts';
import type { Variables } from '../../tensorflow/saved-model.ts';
import type { TrackableObject } from '../../tensorflow/schema/objects.ts';
import { tensorOfEntry } from '../../tensorflow/variables.ts';

export interface CheckpointVariable {
  readonly tensor: TensorRef;
  /** The variable's name in Python, `dense/kernel`, or its key. */
  readonly name: string;
  /** Attributes from the root to it, joined by slashes. */
  readonly path: string;
  /** Name of the layer that owns it, as far as names tell; null for what belongs to none. */
  readonly layer: string | null;
  readonly role: 'model' | 'optimizer' | 'metric' | 'other';
  /** An optimizer slot: which variable it is kept for, and what. */
  readonly slot: { readonly of: string; readonly name: string } | null;
}

/** Edges of the object graph that lead to training and not to the model. */
const trainingEdges: ReadonlyMap<string, CheckpointVariable['role']> = new Map([
  ['optimizer', 'optimizer'],
  ['_optimizer', 'optimizer'],
  ['metrics', 'metric'],
  ['_metrics', 'metric'],
  ['_compile_metrics', 'metric'],
  ['_loss_tracker', 'metric'],
  ['loss_tracker', 'metric'],
  ['compiled_metrics', 'metric'],
  // A second copy of every weight, which `model.export` of Keras 3 makes.
  ['_all_variables', 'other'],
  ['save_counter', 'other'],
  ['_save_counter', 'other'],
]);

/** Every array in the checkpoint, in key order. */
export function checkpointVariables(variables: Variables): readonly CheckpointVariable[] {
  if (variables.objects) return byObjects(variables, variables.objects);
  return variables.bundle.entries.has(objectGraphKey) ? byKeys(variables) : byNames(variables);
}

/** Where the object graph cannot be read, the keys still tell the way to each variable, and slots say what they are. */
function byKeys({ bundle, shards }: Variables): CheckpointVariable[] {
  return [...bundle.entries.values()].flatMap((entry): CheckpointVariable[] => {
    const tensor = tensorOfEntry(bundle, shards, entry);
    if (!tensor || entry.key === objectGraphKey) return [];
    const [path = ''] = entry.key.split('/.ATTRIBUTES/');
    const [of = '', slotName] = path.split('/.OPTIMIZER_SLOT/');
    const slot = slotName === undefined ? null : { of, name: slotName.split('/').at(-1)! };
    const edges = path.split('/');
    const training = edges.flatMap(edge => trainingEdges.get(edge) ?? [])[0];
    const role = slot ? 'optimizer' : (training ?? 'model');
    const layer = role === 'model' ? edges.slice(0, -1).join('/') || null : null;
    return [{ tensor, name: path, path, layer, role, slot }];
  });
}

function byObjects({ bundle, shards }: Variables, nodes: readonly TrackableObject[]): CheckpointVariable[] {
  const described = new Map<string, Omit<CheckpointVariable, 'tensor'>>();
  const paths = objectPaths(nodes);
  const { roles, ways } = rolesOf(nodes);
  const slots = slotsOf(nodes, roles);
  nodes.forEach((node, index) => {
    for (const { name, fullName, checkpointKey } of node.attributes) {
      const slot = slots.get(index) ?? null;
      const role = slot ? 'optimizer' : name === 'VARIABLE_VALUE' ? (roles.get(index) ?? 'other') : 'other';
      const known = fullName === '' ? checkpointKey : fullName;
      const path = ways.get(index) ?? paths.get(index) ?? checkpointKey.replace(/\/\.ATTRIBUTES\/.*$/, '');
      described.set(checkpointKey, {
        name: known,
        path,
        layer: role === 'model' ? layerOf(fullName, path) : null,
        role,
        slot,
      });
    }
  });
  return [...bundle.entries.values()].flatMap(entry => {
    const tensor = tensorOfEntry(bundle, shards, entry);
    const known = described.get(entry.key);
    if (!tensor || entry.key === objectGraphKey) return [];
    return [{ tensor, ...(known ?? { name: entry.key, path: entry.key, layer: null, role: 'other', slot: null }) }];
  });
}

interface Roles {
  readonly roles: ReadonlyMap<number, CheckpointVariable['role']>;
  /** The shortest way from the root to an object of the model that does not lead through training. */
  readonly ways: ReadonlyMap<number, string>;
}

/** A variable that the model reaches without its training is the model's, whoever else holds it. */
function rolesOf(nodes: readonly TrackableObject[]): Roles {
  const roles = new Map<number, CheckpointVariable['role']>([[0, 'model']]);
  const ways = new Map<number, string>([[0, '']]);
  const queue = [0];
  const deferred: (readonly [number, CheckpointVariable['role']])[] = [];
  for (const at of queue) {
    for (const { localName, nodeId } of nodes[at]?.children ?? []) {
      const training = trainingEdges.get(localName);
      if (training) deferred.push([nodeId, training]);
      else if (!roles.has(nodeId) && nodes[nodeId]) {
        const way = ways.get(at)!;
        roles.set(nodeId, 'model');
        ways.set(nodeId, way === '' ? localName : `${way}/${localName}`);
        queue.push(nodeId);
      }
    }
  }
  for (const [start, role] of deferred) {
    const inside = [start];
    for (const at of inside) {
      if (roles.has(at) || !nodes[at]) continue;
      roles.set(at, role);
      inside.push(...nodes[at].children.map(child => child.nodeId));
    }
  }
  return { roles, ways };
}

type Slots = ReadonlyMap<number, NonNullable<CheckpointVariable['slot']>>;

/** Slots as tf.keras says them, and as Keras 3 names them. */
function slotsOf(nodes: readonly TrackableObject[], roles: Roles['roles']): Slots {
  const slots = new Map(namedSlots(nodes, roles));
  for (const { slotVariables } of nodes) {
    for (const { originalVariableNodeId, slotName, slotVariableNodeId } of slotVariables) {
      const original = nodes[originalVariableNodeId]?.attributes[0];
      slots.set(slotVariableNodeId, { of: original?.fullName || original?.checkpointKey || '', name: slotName });
    }
  }
  return slots;
}

/** Keras 3 and the new optimizers of tf.keras 2.11 name a slot after its variable: `adam/dense_kernel_momentum`, `Adam/m/dense/kernel`. */
function* namedSlots(nodes: readonly TrackableObject[], roles: Roles['roles']) {
  const nameOf = (node: TrackableObject) =>
    node.attributes.find(({ name }) => name === 'VARIABLE_VALUE')?.fullName ?? '';
  const owners = nodes.flatMap((node, at) => (roles.get(at) === 'model' && nameOf(node) !== '' ? [nameOf(node)] : []));
  const flat = owners
    .map(name => ({ name, flat: name.replaceAll('/', '_') }))
    .sort((a, b) => b.flat.length - a.flat.length);
  for (const [at, node] of nodes.entries()) {
    if (roles.get(at) !== 'optimizer') continue;
    const [, ...scopes] = nameOf(node).split('/');
    const own = scopes.join('/');
    const before = flat.find(owner => own.startsWith(`${owner.flat}_`));
    const after = owners.find(name => scopes.length > 1 && own === `${scopes[0]}/${name}`);
    if (before) yield [at, { of: before.name, name: own.slice(before.flat.length + 1) }] as const;
    else if (after) yield [at, { of: after, name: scopes[0]! }] as const;
  }
}

/** Scopes of a name without the variable's own; a name without scopes tells nothing, the object's place then does. */
function layerOf(fullName: string, path: string): string | null {
  const scopes = fullName.split('/').slice(0, -1);
  if (scopes.length > 0) return scopes[0]!;
  return path.split('/').slice(0, -1).join('/') || null;
}

/** Names of the optimizer's own scalars in TF1. */
const scalars =
  /^(?:beta[12]_power|global_step|.*\/(?:iter|iterations|decay|learning_rate|rho|momentum|beta_[12]))(?:_\d+)?$/;

function byNames({ bundle, shards }: Variables): CheckpointVariable[] {
  const keys = new Set(bundle.entries.keys());
  return [...bundle.entries.values()].flatMap((entry): CheckpointVariable[] => {
    const tensor = tensorOfEntry(bundle, shards, entry);
    if (!tensor) return [];
    const { key } = entry;
    const owner = ownerOf(key, keys);
    const slot = owner === null ? null : { of: owner, name: key.slice(owner.length + 1) };
    const role = slot ? 'optimizer' : scalars.test(key) ? 'other' : 'model';
    const layer = role === 'model' ? key.split('/').slice(0, -1).join('/') || null : null;
    return [{ tensor, name: key, path: key, layer, role, slot }];
  });
}

/** The variable below whose name another one's stands: `dense/kernel` of `dense/kernel/Adam`. */
function ownerOf(key: string, keys: ReadonlySet<string>): string | null {
  for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
    const before = key.slice(0, at);
    if (keys.has(before)) return before;
  }
  return null;
}
