/** Nodes of B-trees of version 1 (specification III.A.1), which list the links of old groups and the chunks of old datasets. */

import { type Context, damaged, expectSignature, parsing, readAtMost, readMetadata } from './context.ts';

export interface TreeNode {
  level: number;
  offset: number;
  /** Raw keys, one more than children. */
  keys: Uint8Array[];
  children: number[];
}

/** Reads a node of a version 1 B-tree: the same for groups (kind 0) and chunks (kind 1) but for the keys' size. */
export async function readTreeNode(
  context: Context,
  address: number,
  kind: number,
  keySize: number,
  what: string,
): Promise<TreeNode> {
  const { offsetSize } = context;
  const head = 8 + 2 * offsetSize;
  const first = await readAtMost(context, address, head + 32 * (keySize + offsetSize) + keySize, what);
  const offset = first.offset;
  expectSignature(context, first, 'TREE', what, 'hdf5-btree-signature');
  const { level, count } = parsing(context, () => {
    const found = first.u8();
    if (found !== kind) {
      throw damaged(context, {
        code: 'hdf5-btree-kind',
        what: `${what} has nodes of kind ${found}`,
        offset: offset + 4,
      });
    }
    return { level: first.u8(), count: first.u16() };
  });
  if (level > context.limits.depth) {
    throw damaged(context, { code: 'hdf5-btree-level', what: `${what} claims ${level} levels`, offset: offset + 5 });
  }
  const size = head + count * (keySize + offsetSize) + keySize;
  const at = size <= first.bytes.length ? first : await readMetadata(context, address, size, what);
  return parsing(context, () => {
    at.seek(head);
    const keys: Uint8Array[] = [];
    const children: number[] = [];
    for (let index = 0; index < count; index += 1) {
      keys.push(at.take(keySize));
      children.push(at.uint(offsetSize));
    }
    keys.push(at.take(keySize));
    return { level, offset, keys, children };
  });
}
