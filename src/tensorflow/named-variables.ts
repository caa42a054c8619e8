/**
 * Variables by the names that graphs of TF1 know them by: checkpoint keys, or the full names that objects recorded. A
 * partitioned variable is saved as one, and each of its parts is one of the slices that it lies in.
 */

import { decode } from '../containers/protobuf/message.ts';
import { latin1 } from '../containers/table/bundle.ts';
import { sliceKey } from '../containers/table/ordered.ts';
import type { TensorRef } from '../model/types.ts';
import type { MetaGraph, SavedModelContents, Variables } from './saved-model.ts';
import { VariableDefProto } from './schema/saved-model.ts';
import { tensorOfEntry } from './variables.ts';

/** The tensor that is stored for a variable of that name; null where there is none. */
export function variablesByName(
  { variables }: SavedModelContents,
  metaGraph: MetaGraph,
): (name: string) => TensorRef | null {
  if (!variables) return () => null;
  const { bundle, shards, objects } = variables;
  const keys = new Map<string, string>();
  for (const { attributes } of objects ?? []) for (const it of attributes) keys.set(it.fullName, it.checkpointKey);
  let parts: ReadonlyMap<string, TensorRef> | null = null;
  return name => {
    const entry = bundle.entries.get(name) ?? bundle.entries.get(keys.get(name) ?? '');
    if (entry) return tensorOfEntry(bundle, shards, entry);
    parts ??= partsOf(metaGraph, variables);
    return parts.get(name) ?? null;
  };
}

/** Parts of partitioned variables, which only the graph's collections of variables tell. */
function partsOf(metaGraph: MetaGraph, { bundle, shards }: Variables): ReadonlyMap<string, TensorRef> {
  const found = new Map<string, TensorRef>();
  const stored = [...metaGraph.stored.collectionDef.values()].flatMap(({ bytesList }) => bytesList?.value ?? []);
  for (const bytes of stored) {
    const { variableName, saveSliceInfoDef: part } = variableOrNone(bytes);
    const whole = part && bundle.entries.get(part.fullName);
    const slice = whole?.slices.find(({ extent }) =>
      extent.every(
        ({ start, length }, axis) =>
          start === part!.varOffset[axis] && (length ?? part!.fullShape[axis]) === part!.varShape[axis],
      ),
    );
    const entry = slice && bundle.sliceEntries.get(latin1(sliceKey(part!.fullName, slice)));
    const tensor = entry && tensorOfEntry(bundle, shards, { ...entry, key: variableName.replace(/:0$/, '') });
    if (tensor) found.set(tensor.path, tensor);
  }
  return found;
}

/** Collections hold other messages as well: what is no variable names no slice. */
function variableOrNone(bytes: Uint8Array) {
  try {
    return decode(VariableDefProto, bytes);
  } catch {
    return { variableName: '', saveSliceInfoDef: undefined };
  }
}
