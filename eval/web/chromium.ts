/** A headless Chromium, where there is one, opened on the page of eval/web.ts that a server of ours hands out. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { WebCase, WebOutcome } from './judge.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** `LOADSTONE_CHROMIUM`, else the first of the usual names on PATH; null where there is none. */
export function findChromium(): string | null {
  if (process.env.LOADSTONE_CHROMIUM) return process.env.LOADSTONE_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync) ?? null;
}

async function pageCode(root: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'eval', 'web', 'page.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}

function body(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    request.on('data', part => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts).toString()));
    request.on('error', reject);
  });
}

interface Served {
  readonly cases: readonly WebCase[];
  readonly folder: string;
  readonly code: string;
  readonly told: (path: string, text: string) => void;
}

const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const [, kind, ...rest] = decodeURIComponent(request.url ?? '/').split('/');
  const send = (type: string, content: string | Buffer) => response.setHeader('Content-Type', type).end(content);
  if (request.method === 'POST') {
    served.told(kind!, await body(request));
    send('text/plain', '');
  } else if (kind === '') send('text/html', '<!doctype html><script type="module" src="/page.js"></script>');
  else if (kind === 'page.js') send('text/javascript', served.code);
  else if (kind === 'cases') send('application/json', JSON.stringify(served.cases));
  else if (kind === 'runtime') send(mediaType(rest[0]!), readFileSync(join(runtime, rest[0]!)));
  else if (kind === 'model' && !rest.includes('..')) send(mediaType(''), readFileSync(join(served.folder, ...rest)));
  else response.writeHead(404).end();
}

function mediaType(name: string): string {
  if (name.endsWith('.wasm')) return 'application/wasm';
  return name.endsWith('js') ? 'text/javascript' : 'application/octet-stream';
}

/** What the page tells, until it is done or broken, or silent for two minutes. */
function listener(outcomes: WebOutcome[], resolve: (browser: string) => void, reject: (error: Error) => void) {
  let silence: NodeJS.Timeout | undefined;
  const told = (path: string, text: string) => {
    clearTimeout(silence);
    silence = setTimeout(() => reject(new Error('the browser fell silent for two minutes')), 120_000);
    if (path === 'outcome') outcomes.push(JSON.parse(text));
    else if (path === 'done') resolve(JSON.parse(text));
    else if (path === 'broken') reject(new Error(JSON.parse(text)));
  };
  return { told, end: () => clearTimeout(silence) };
}

/** Ends a process with those that it started, and waits until it is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise(resolve => child.once('exit', resolve));
  if (process.platform === 'win32') child.kill();
  else process.kill(-child.pid, 'SIGKILL');
  await gone;
}

/** Removes the browser's folder; what its last helpers still write is not worth failing for. */
async function remove(profile: string): Promise<void> {
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }).catch(() => {});
}

/** Outcomes of all cases in that browser. Rejects when the page breaks, ends early or falls silent. */
export async function judgeInChromium(
  executable: string,
  root: string,
  folder: string,
  cases: readonly WebCase[],
): Promise<{ readonly browser: string; readonly outcomes: readonly WebOutcome[] }> {
  const code = await pageCode(root);
  const profile = mkdtempSync(join(tmpdir(), 'loadstone-chromium-'));
  const outcomes: WebOutcome[] = [];
  const { promise, resolve, reject } = settled<string>();
  const { told, end: endListening } = listener(outcomes, resolve, reject);
  const server = createServer((request, response) => {
    answer(request, response, { cases, folder, code, told }).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const page = `http://127.0.0.1:${port}/`;
  const child = spawn(executable, [...flags(profile), page], { stdio: 'ignore', detached: true });
  child.on('error', reject);
  child.on('exit', status => reject(new Error(`the browser ended with ${status}`)));
  told('started', '');
  try {
    return { browser: await promise, outcomes };
  } finally {
    endListening();
    await end(child);
    server.close();
    server.closeAllConnections();
    await remove(profile);
  }
}

/** A promise with its ends outside. */
function settled<T>() {
  let ends: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { promise, ...ends! };
}

/** Sandboxes need rights that containers do not give; the page is our own. */
function flags(profile: string): string[] {
  return ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
}
