/**
 * Bundles what is started: the library's entries, from hundreds of modules to a few; the command, to one, with the code
 * that V8 compiles of it when it is tried on models of the repository. Part of `npm run build`.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const folder = resolve('dist', 'bin');
const fixtures = join('test', 'fixtures');
const fixture = join(fixtures, 'models', 'mnist_cnn--tf-2.15.1--keras');
/** One of each format: what is called for it is compiled. */
const formats = [
  join(fixture, 'model.keras'),
  join(fixtures, 'models', 'arch_inception--tf-2.4.4--h5', 'model.h5'),
  join(fixtures, 'saved-models', 'custom-layer-tf2.13'),
];

/** Packages that read files of their own, or that the user may have in a version of their own. */
const external = ['onnxruntime-node', 'onnxruntime-web', 'jiti', '@cwasm/jpeg-turbo'];

/**
 * The entries of the library for Node and for browsers. Packages stay apart, but for the wire format of protobuf, whose
 * many small modules every model to be run needs.
 */
async function bundleLibrary(): Promise<void> {
  rmSync('dist/lib', { recursive: true, force: true });
  await build({
    entryPoints: ['index', 'node', 'run', 'run-browser'].map(name => `dist/src/${name}.js`),
    outdir: 'dist/lib',
    bundle: true,
    splitting: true,
    external: ['node:*', ...external, 'fflate', 'snappyjs', 'yaml'],
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** commander asks for child processes, which take long to load, for commands that are programs of their own: we have none. */
const withoutChildProcesses: Plugin = {
  name: 'without child processes',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : { external: true },
    );
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: '' }));
  },
};

async function bundleCommand(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: { main: 'dist/cli/start.js', program: 'dist/cli/program.js' },
    outdir: folder,
    bundle: true,
    external,
    plugins: [withoutChildProcesses],
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__fileUrl' },
    banner: { js: "const __fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    minifyWhitespace: true,
    minifySyntax: true,
    // Dynamic imports become calls of require, which compiled code can make.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  chmodSync(join(folder, 'main.js'), 0o755);
}

/** Calls the commands once: what V8 compiles for them is kept for the next start. */
function compileCommand(): void {
  const model = join(fixture, 'model.keras');
  const calls = [
    ['inspect', ...formats],
    ['run', model, '--input', join(fixture, 'in.npz')],
    ['doctor', model, '--env', 'keras==3.10.0'],
  ];
  for (const words of calls) spawnSync(process.execPath, [join(folder, 'main.js'), ...words], { stdio: 'ignore' });
}

await bundleLibrary();
await bundleCommand();
compileCommand();
