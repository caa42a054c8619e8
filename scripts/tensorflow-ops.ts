/**
 * Writes docs/tensorflow-ops.md: every operation of TensorFlow that Loadstone can run, out of the lowerings themselves.
 * `npx tsx scripts/tensorflow-ops.ts`
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensorflowOpsPage } from '../src/tensorflow/lower/page.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'tensorflow-ops.md'), tensorflowOpsPage());
