import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawAtPath } from '../../../src/artefacts/node/raw-path.ts';
import { type RangeServer, serveFolder } from '../../support/range-server.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');
let server: RangeServer;
beforeAll(async () => {
  server = await serveFolder(fixtures);
});
afterAll(() => server.close());

describe('raw facts of a URL', () => {
  it.each(['saved-models/custom-layer-tf2.13', 'saved-models/custom-layer-tf2.13/'])('of the folder %s', async path => {
    const raw = await rawAtPath(`${server.url}${path}`);
    expect(raw.presence).toBe('folder');
    expect(raw.savedModel?.variables?.entries.length).toBeGreaterThan(0);
  });

  it("of a checkpoint's prefix", async () => {
    const raw = await rawAtPath(`${server.url}checkpoints/dtypes`);
    expect(raw).toMatchObject({ presence: 'missing', files: ['dtypes.index', 'dtypes.data-00000-of-00001'] });
    expect(raw.checkpoint?.entries.length).toBeGreaterThan(0);
  });

  it('where there is nothing', async () => {
    expect(await rawAtPath(`${server.url}nothing`)).toMatchObject({ presence: 'missing', files: [], checkpoint: null });
  });
});
