/** Copying tensors in pieces: all bytes, in order, and with the same memory where pieces are only passing. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/bytes/node/file.ts';
import { sliceSource } from '../../src/bytes/slice.ts';
import type { TensorRef } from '../../src/model/types.ts';
import { tensorChunks } from '../../src/writers/tensors.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loadstone-tensors-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const size = (3 << 20) + 4000;
const bytes = Uint8Array.from({ length: size + 100 }, (_, index) => (index * 7 + (index >> 9)) % 251);
const path = join(scratch, 'weights.bin');
writeFileSync(path, bytes);
const expected = createHash('sha256').update(bytes.subarray(100)).digest('hex');

describe.each([false, true])('chunks of a tensor in a file, passing: %s', passing => {
  it('are all of its bytes', async () => {
    const source = await fileSource(path);
    const inner = sliceSource(source, 60, size + 40);
    const tensor = {
      path: 'weights',
      dtype: 'float32',
      shape: [size / 4],
      plain: { source: inner, offset: 40, length: size },
    } as unknown as TensorRef;
    const hash = createHash('sha256');
    const memory = new Set<ArrayBufferLike>();
    for await (const chunk of tensorChunks(tensor, { passing })) {
      hash.update(chunk);
      memory.add(chunk.buffer);
    }
    expect(hash.digest('hex')).toBe(expected);
    expect(memory.size).toBe(passing ? 2 : 4);
    await source.close?.();
  });
});
