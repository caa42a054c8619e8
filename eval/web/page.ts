/** The page of eval/web.ts: judges every case that the server lists, tells each outcome, then says that it is done. */

import { configureWeb, loadModel } from '../../src/run-browser.ts';
import { judge, type WebCase } from './judge.ts';

async function tell(path: string, body: unknown): Promise<void> {
  await fetch(path, { method: 'POST', body: JSON.stringify(body) });
}

async function main(): Promise<void> {
  configureWeb({ threads: 1, wasmPaths: '/runtime/' });
  const cases = (await (await fetch('/cases')).json()) as readonly WebCase[];
  for (const entry of cases) {
    const read = async (name: string) =>
      new Uint8Array(await (await fetch(`/model/${encodeURIComponent(entry.id)}/${name}`)).arrayBuffer());
    await tell('/outcome', await judge(entry, read, loadModel));
  }
  await tell('/done', navigator.userAgent);
}

main().catch(error => tell('/broken', String(error?.stack ?? error)));
