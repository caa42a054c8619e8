/** The package's version: package.json lies above this file, one folder higher when it runs from dist. */

import { existsSync, readFileSync } from 'node:fs';

export function version(): string {
  const candidates = ['../package.json', '../../package.json'].map(path => new URL(path, import.meta.url));
  const path = candidates.find(candidate => existsSync(candidate));
  return path ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : '0.0.0';
}
