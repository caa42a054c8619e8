/**
 * Loads the bundled commands with the code that V8 once compiled of them, so that starting does not parse megabytes
 * again. Compiled code fits one V8 on one kind of processor; where it does not, V8 refuses it and compiles anew.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import type { main } from './program.ts';

export interface Compiled {
  readonly program: { readonly main: typeof main };
  /** The compiled code was found and taken. */
  readonly ready: boolean;
  /** Keeps what is compiled by now, all functions that were called, for the next start. */
  keep(): void;
}

/** Loads `program.js` of the folder, a CommonJS module, with what `command` had compiled when it last was kept. */
export function loadCompiled(folder: string, command: string): Compiled {
  const path = join(folder, 'program.js');
  const cache = join(folder, `${command}-${process.versions.v8}-${process.arch}.compiled`);
  // The bundler writes plain ASCII, so a byte is a character.
  const source = readFileSync(path, 'latin1');
  const cachedData = readIfThere(cache);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    cachedData,
  });
  const module = { exports: {} as Compiled['program'] };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return {
    program: module.exports,
    ready: cachedData !== undefined && script.cachedDataRejected !== true,
    keep: () => writeWhole(cache, script.createCachedData()),
  };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, since another process may be starting; a folder of somebody else's is left as it is. */
function writeWhole(path: string, bytes: Buffer): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
