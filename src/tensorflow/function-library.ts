/** The functions of a graph by name, each decoded when it is first asked for. */

import { decode } from '../containers/protobuf/message.ts';
import { LoadstoneError } from '../findings/errors.ts';
import { type FunctionDef, FunctionDefProto, FunctionHeadProto } from './schema/graph.ts';

export interface FunctionLibrary {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws `damaged` where the graph refers to a function that it has not, or whose bytes cannot be read. */
  get(name: string): FunctionDef;
}

/** A library over encoded functions; only their names are decoded now. */
export function functionLibrary(encoded: readonly Uint8Array[], where: string): FunctionLibrary {
  const bytesOf = new Map<string, Uint8Array>();
  for (const bytes of encoded) {
    const name = decode(FunctionHeadProto, bytes, { where }).signature?.name;
    if (name !== undefined) bytesOf.set(name, bytes);
  }
  const decoded = new Map<string, FunctionDef>();
  return {
    names: [...bytesOf.keys()],
    has: name => bytesOf.has(name),
    get(name) {
      const known = decoded.get(name);
      if (known) return known;
      const bytes = bytesOf.get(name);
      if (!bytes)
        throw new LoadstoneError('damaged', `The graph calls the function ${name}, which it has not`, { where });
      const made = decode(FunctionDefProto, bytes, { where: `${where}, function ${name}` });
      decoded.set(name, made);
      return made;
    },
  };
}
