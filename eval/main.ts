/**
 * All evaluations against what lies beside the clone, one after the other, each in its own process. With `--floors` it
 * fails where one falls below what was reached before. `npm run eval -- run doctor` takes only those named.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Names of the evaluations, in the order in which they are worth seeing. */
const all = ['run', 'inspect', 'doctor', 'causes', 'explain', 'explain-outcomes', 'lambdas', 'savedmodel'];

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const named = words.filter(word => !word.startsWith('--'));
const flags = words.filter(word => word.startsWith('--'));

let failed = 0;
for (const name of named.length > 0 ? named : all) {
  const script = [join(here, `${name}.js`), join(here, `${name}.ts`)].find(existsSync);
  if (!script) continue;
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [...process.execArgv, script, ...flags], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
