/** A small HTTP server of one file for tests: with ranges, with several ranges at once, or without. */

import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

export interface ServerOptions {
  /**
   * `multiple`: all of RFC 9110; `single`: several ranges get the whole file; `first`: several ranges get only the first;
   * `none`: the field is ignored.
   */
  ranges?: 'multiple' | 'single' | 'first' | 'none';
  /** Answers before anything else; true where it did. */
  intercept?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean;
  /** Most bytes of one answer to a range. */
  most?: number;
}

export interface RangeServer {
  url: string;
  requests(): number;
  close(): Promise<void>;
}

export async function serveFile(path: string, options: ServerOptions = {}): Promise<RangeServer> {
  return serve(() => path, 'model.h5', options);
}

/** All files of a folder, each under its path; `url` is the folder's, with a slash at its end. */
export async function serveFolder(folder: string, options: ServerOptions = {}): Promise<RangeServer> {
  return serve(name => join(folder, ...name.split('/')), '', options);
}

async function serve(find: (name: string) => string, first: string, options: ServerOptions): Promise<RangeServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    if (options.intercept?.(request, response, count)) return;
    const path = find(decodeURIComponent(new URL(request.url ?? '/', 'http://here').pathname.slice(1)));
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) response.writeHead(404).end();
    else answer(path, found.size, options, request, response).catch(error => response.destroy(error));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${first}`,
    requests: () => count,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function part(path: string, [from, to]: [number, number]): ReadStream {
  return createReadStream(path, { start: from, end: to });
}

async function answer(
  path: string,
  size: number,
  { ranges = 'multiple', most = Number.POSITIVE_INFINITY }: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const field = request.headers.range;
  const asked = field
    ?.replace('bytes=', '')
    .split(',')
    .map(text => text.split('-').map(Number) as [number, number])
    .map(([from, to]): [number, number] => [from, Math.min(to, size - 1, from + most - 1)]);
  if (!asked || ranges === 'none' || (asked.length > 1 && ranges === 'single')) {
    response.writeHead(200, { 'content-length': size });
    createReadStream(path).pipe(response);
    return;
  }
  if (asked[0]![0] >= size) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  if (asked.length === 1 || ranges === 'first') {
    const [from, to] = asked[0]!;
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${size}`, 'content-length': to - from + 1 });
    part(path, [from, to]).pipe(response);
    return;
  }
  response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=THE_MARK' });
  for (const [from, to] of asked) {
    response.write(
      `--THE_MARK\r\nContent-Type: application/x-hdf5\r\nContent-Range: bytes ${from}-${to}/${size}\r\n\r\n`,
    );
    response.write(await buffer(part(path, [from, to])));
    response.write('\r\n');
  }
  response.end('--THE_MARK--\r\n');
}
