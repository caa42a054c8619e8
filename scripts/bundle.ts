/**
 * Bundles the command: from hundreds of modules to a few chunks, one for each command, so that it starts quickly.
 * Packages stay what they are. Part of `npm run build`.
 */

import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const folder = 'dist/bin';

rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: ['dist/cli/main.js'],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
chmodSync(`${folder}/main.js`, 0o755);
