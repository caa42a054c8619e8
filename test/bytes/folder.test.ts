/** What a folder on disk lists: everything beneath it, or only what lies in it. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFolder } from '../../src/bytes/node/folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loadstone-folder-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'variables'));
writeFileSync(join(scratch, 'model.h5'), '');
writeFileSync(join(scratch, 'variables', 'variables.index'), '');

describe('a folder on disk', () => {
  it('lists all that is beneath it', async () => {
    expect(await (await nodeFolder(scratch)).list()).toEqual(['model.h5', 'variables/variables.index']);
  });

  it('does not walk further down for a file’s neighbours', async () => {
    expect(await (await nodeFolder(scratch, 'within')).list()).toEqual(['model.h5']);
  });
});
