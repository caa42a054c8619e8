/** The package's version: package.json lies above this file, more or fewer folders higher in the sources and in each bundle. */

import { existsSync, readFileSync } from 'node:fs';

export function version(): string {
  const above = ['./', '../', '../../', '../../../'].map(steps => new URL(`${steps}package.json`, import.meta.url));
  const found = above.filter(path => existsSync(path)).map(path => JSON.parse(readFileSync(path, 'utf8')));
  return found.find(({ name }) => name === 'loadstone')?.version ?? '0.0.0';
}
