import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tensorflowOpsPage } from '../../src/tensorflow/lower/page.ts';

it('docs/tensorflow-ops.md is what the lowerings say; `npx tsx scripts/tensorflow-ops.ts` writes it', () => {
  const written = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'tensorflow-ops.md'), 'utf8');
  expect(written.replaceAll('\r\n', '\n')).toBe(tensorflowOpsPage());
});
