/**
 * How libhdf5 looks for a name in an old group: by halving, along keys and names that should be in order. Where they are
 * not, it does not find names that a walk through the whole tree still sees. To tell that is what this is for.
 */

import { compareText } from './text.ts';

export interface NameTree {
  /** One more than children: the greatest name before, between and behind them. Null where the key points nowhere. */
  keys: readonly (string | null)[];
  /** Null where the child is lost. */
  children: readonly (NameTree | Leaf | null)[];
}

export interface Leaf {
  names: readonly (string | null)[];
}

/**
 * Whether libhdf5 finds the name (H5B.c, H5B_find; H5Gnode.c, H5G__node_cmp3 and H5G__node_found): `absent` where the
 * halving ends beside it, `lost` where a key or name on the way cannot be read.
 */
export function lookUpName(tree: NameTree, name: string): 'found' | 'absent' | 'lost' {
  let current: NameTree | Leaf | null = tree;
  while (current !== null && 'children' in current) {
    const { keys }: NameTree = current;
    const child = halving(current.children.length, index => {
      const before = keys[index];
      const behind = keys[index + 1];
      if (before === null || before === undefined || behind === null || behind === undefined) return null;
      return compareText(name, before) <= 0 ? -1 : compareText(name, behind) > 0 ? 1 : 0;
    });
    if (typeof child === 'string') return child;
    current = current.children[child]!;
  }
  if (current === null) return 'lost';
  const { names } = current;
  const place = halving(names.length, index => {
    const other = names[index];
    return other === null || other === undefined ? null : compareText(name, other);
  });
  return typeof place === 'string' ? place : 'found';
}

/** The index for which `compare` gives 0; `absent` where there is none, `lost` where `compare` cannot tell (null). */
function halving(count: number, compare: (index: number) => number | null): number | 'absent' | 'lost' {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const order = compare(middle);
    if (order === null) return 'lost';
    if (order === 0) return middle;
    if (order < 0) to = middle;
    else from = middle + 1;
  }
  return 'absent';
}
