#!/usr/bin/env node
/** The command `loadstone` as it is built: the bundled commands, each with the code compiled when it was first called. */

import { loadCompiled } from './compiled.ts';

const words = process.argv.slice(2);
const command = words.find(word => /^[a-z-]+$/.test(word) && !word.startsWith('-')) ?? 'loadstone';
const { program, ready, keep } = loadCompiled(import.meta.dirname, command);
process.once('exit', code => !ready && code < 2 && keep());
void program.main(words);
