/** What is offered where nothing lies at a path. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nearbyModels } from '../../../src/artefacts/node/nearby.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loadstone-nearby-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
for (const name of ['model.h5', 'mobile.keras', 'notes.txt']) writeFileSync(join(scratch, name), '');
mkdirSync(join(scratch, 'exported'));
writeFileSync(join(scratch, 'exported', 'saved_model.pb'), '');
mkdirSync(join(scratch, 'runs'));
writeFileSync(join(scratch, 'runs', 'best.h5'), '');

describe('models near a path', () => {
  it('puts the likest name first and leaves out what is no model', async () => {
    const found = await nearbyModels(join(scratch, 'modle.h5'));
    expect(found[0]).toBe(join(scratch, 'model.h5'));
    expect(found).not.toContain(join(scratch, 'notes.txt'));
  });

  it('knows the same name with another ending', async () => {
    expect((await nearbyModels(join(scratch, 'mobile.h5')))[0]).toBe(join(scratch, 'mobile.keras'));
  });

  it('finds SavedModels, and models in a folder below or above', async () => {
    expect((await nearbyModels(join(scratch, 'export')))[0]).toBe(join(scratch, 'exported'));
    expect((await nearbyModels(join(scratch, 'best.h5')))[0]).toBe(join(scratch, 'runs', 'best.h5'));
    expect(await nearbyModels(join(scratch, 'runs', 'model.h5'))).toContain(join(scratch, 'model.h5'));
    expect((await nearbyModels(join(scratch, 'nowhere', 'model.h5')))[0]).toBe(join(scratch, 'model.h5'));
  });
});
