/** Prints the largest source files and how many lines the whole has, so that growth is seen in every change. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['src', 'cli', 'eval', 'bench', 'scripts'];

const files = folders.flatMap(folder =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name)),
);

const sizes = files
  .map(file => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
  .sort((a, b) => b.lines - a.lines);

const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
const median = sizes[Math.floor(sizes.length / 2)]?.lines ?? 0;

for (const { file, lines } of sizes.slice(0, 15)) console.log(`${String(lines).padStart(6)}  ${file}`);
console.log(`${String(total).padStart(6)}  in ${sizes.length} files, median ${median}`);
