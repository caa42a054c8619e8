/**
 * Entries of one table block (LevelDB's table_format.md): each key shares a prefix with the one before it; at restart
 * points, listed at the block's end, it shares nothing.
 */

export interface BlockEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A key is an object path; the longest in real files have some hundred bytes. */
const maxKeyLength = 65_536;
/** Shared prefixes let a small block expand without end; this is what one block may come to. */
const maxKeyBytes = 2 ** 28;

/** All entries of a block whose checksum was right. `fail` makes the error thrown where the block is malformed. */
export function readBlockEntries(block: Uint8Array, fail: (what: string) => Error): BlockEntry[] {
  if (block.length < 4) throw fail('a block is shorter than its own count of restarts');
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const restarts = view.getUint32(block.length - 4, true);
  const end = block.length - 4 - restarts * 4;
  if (end < 0) throw fail(`a block claims ${restarts} restarts, more than it has room for`);
  const entries: BlockEntry[] = [];
  let position = 0;
  const varint32 = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35 && position < end; shift += 7) {
      const byte = block[position++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw fail('an entry has a broken length');
  };
  let key: Uint8Array = new Uint8Array(0);
  let keyBytes = 0;
  while (position < end) {
    const shared = varint32();
    const fresh = varint32();
    const valueLength = varint32();
    if (shared > key.length || position + fresh + valueLength > end) throw fail('an entry runs past its block');
    keyBytes += shared + fresh;
    if (shared + fresh > maxKeyLength || keyBytes > maxKeyBytes) throw fail('its keys are longer than any real ones');
    const next = new Uint8Array(shared + fresh);
    next.set(key.subarray(0, shared));
    next.set(block.subarray(position, position + fresh), shared);
    position += fresh;
    key = next;
    entries.push({ key, value: block.subarray(position, position + valueLength) });
    position += valueLength;
  }
  return entries;
}
