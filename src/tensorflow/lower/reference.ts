/** How nodes name their inputs. */

export interface Reference {
  readonly node: string;
  /** Name of the output argument, in functions; else null. */
  readonly output: string | null;
  readonly index: number;
}

/** `node`, `node:2`, `node:output:2`; control inputs (`^node`) have no value. */
export function parseReference(text: string): Reference {
  const [node = '', second, third] = text.replace(/^\^/, '').split(':');
  if (third !== undefined) return { node, output: second!, index: Number(third) };
  if (second === undefined) return { node, output: null, index: 0 };
  return /^\d+$/.test(second) ? { node, output: null, index: Number(second) } : { node, output: second, index: 0 };
}
