/** Whatever an artefact is given as, a path, a URL or standard input, the doctor answers the same. */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure } from '../../cli/doctor.ts';
import { callCommand } from '../support/command.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
let server: Server;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    try {
      const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
      const bytes = await readFile(join(fixtures, path));
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (from === undefined) return void response.end(bytes);
      const last = Math.min(Number(to), bytes.length - 1);
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}` });
      response.end(bytes.subarray(Number(from), last + 1));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => void server.close());

function urlOf(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
}

it.each([
  ['models/mnist_cnn--tf-2.15.1--keras/model.keras', 'keras==3.10.0'],
  ['saved-models/custom-layer-tf2.13/', 'tf-2.15.1'],
])('rehearses %s behind a URL as on disk', async (path, environment) => {
  const answer = async (given: string) => {
    const { out } = await callCommand(configure, [given, '--env', environment, '--json']);
    const { outcome, stage, failure } = JSON.parse(out) as { outcome: string; stage: string; failure: string | null };
    return { outcome, stage, failure };
  };
  expect(await answer(urlOf(path))).toEqual(await answer(join(fixtures, path)));
});

it('answers for a URL with nothing behind it as for a path', async () => {
  const { out, exit } = await callCommand(configure, [urlOf('nothing.h5'), '--env', 'tf-2.15.1', '--json']);
  expect(exit).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ outcome: 'fails', stage: 'open', failure: 'file-not-found-path' });
});
