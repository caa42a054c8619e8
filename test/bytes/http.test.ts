import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cachedSource } from '../../src/bytes/cache.ts';
import { httpSource } from '../../src/bytes/http.ts';
import { contentRange, multipartRanges } from '../../src/bytes/multipart.ts';
import { readRanges } from '../../src/bytes/source.ts';
import { type RangeServer, type ServerOptions, serveFile } from '../support/range-server.ts';

const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 253);
let folder: string;
let path: string;
let servers: RangeServer[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadstone-http-'));
  path = join(folder, 'model.h5');
  writeFileSync(path, bytes);
});

afterEach(async () => {
  await Promise.all(servers.map(server => server.close()));
  servers = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(options?: ServerOptions): Promise<RangeServer> {
  const server = await serveFile(path, options);
  servers.push(server);
  return server;
}

const scattered = Array.from({ length: 10 }, (_, index) => ({ offset: index * 9000, length: 100 + index }));

describe('a URL', () => {
  it.each(['multiple', 'single', 'first'] as const)('is read by ranges from a server with %s', async ranges => {
    const server = await serve({ ranges });
    const source = await httpSource(server.url);
    expect(source.size).toBe(100_000);
    expect(await source.read(99_990, 10)).toEqual(bytes.slice(99_990));
    expect(server.requests()).toBe(2);
    const read = await readRanges(source, scattered);
    expect(read).toEqual(scattered.map(({ offset, length }) => bytes.slice(offset, offset + length)));
    expect(server.requests()).toBe(ranges === 'multiple' ? 3 : 13);
    await readRanges(source, scattered);
    // A server that does not do several ranges at once is not asked for them again.
    expect(server.requests()).toBe(ranges === 'multiple' ? 4 : 23);
    expect(source.counts?.requests).toBe(server.requests());
    expect(source.counts!.bytes).toBeLessThan(10_000);
  });

  it.each([
    // The probe for the size, the one for several ranges, and then all places by one request or each by its own.
    ['multiple', 3, 40_000],
    ['single', 6, 80_000],
  ] as const)(
    'is read more at once through a cache where ranges do not come together (%s)',
    async (ranges, requests, most) => {
      const server = await serve({ ranges });
      const source = await httpSource(server.url);
      const cached = cachedSource(source, { blockSize: 1024, firstBytes: 1024 });
      const places = Array.from({ length: 10 }, (_, index) => 500 + index * 9900);
      const read = await Promise.all(places.map(place => cached.read(place, 30)));
      expect(read).toEqual(places.map(place => bytes.slice(place, place + 30)));
      expect(server.requests()).toBeLessThanOrEqual(requests);
      expect(source.counts!.bytes).toBeLessThan(most * 1.5);
      const before = server.requests();
      await Promise.all(places.slice(1).map(place => cached.read(place + 30, 200)));
      expect(server.requests()).toBe(before);
    },
  );

  it('is fetched whole, within a limit, where the server does not do ranges', async () => {
    const server = await serve({ ranges: 'none' });
    const source = await httpSource(server.url);
    expect(await source.read(500, 5)).toEqual(bytes.slice(500, 505));
    expect(server.requests()).toBe(1);
    await expect(httpSource(server.url, { maxWholeBytes: 99_999 })).rejects.toMatchObject({
      code: 'limit',
      do: expect.stringContaining('Download'),
    });
  });

  it('keeps the limit where the server does not say how much it sends', async () => {
    const server = await serve({
      intercept: (_, response) => {
        response.writeHead(200);
        response.end(bytes);
        return true;
      },
    });
    expect((await httpSource(server.url)).size).toBe(100_000);
    await expect(httpSource(server.url, { maxWholeBytes: 50_000 })).rejects.toMatchObject({ code: 'limit' });
  });

  it('is read on where a server bounds its answers', async () => {
    const server = await serve({ most: 300 });
    expect(await (await httpSource(server.url)).read(1000, 1000)).toEqual(bytes.slice(1000, 2000));
  });

  it('may be empty', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const server = await serveFile(empty);
    servers.push(server);
    expect((await httpSource(server.url)).size).toBe(0);
  });

  it.each([
    [404, 'not-found'],
    [410, 'not-found'],
    [403, 'io'],
    [401, 'io'],
    [400, 'io'],
  ])('answered %i is an error of code %s', async (status, code) => {
    const server = await serve({ intercept: (_, response) => !!response.writeHead(status).end('no') });
    await expect(httpSource(server.url)).rejects.toMatchObject({ code, where: server.url });
    expect(server.requests()).toBe(1);
  });

  it('is tried again where the server is busy', async () => {
    const server = await serve({ intercept: (_, response, count) => count === 1 && !!response.writeHead(503).end() });
    expect((await httpSource(server.url)).size).toBe(100_000);
    expect(server.requests()).toBe(2);
  });

  it('that nobody answers is told in one sentence', async () => {
    const server = await serve();
    await server.close();
    servers = [];
    await expect(httpSource(server.url)).rejects.toMatchObject({
      code: 'io',
      what: expect.stringContaining('cannot be reached'),
    });
    await expect(httpSource('ftp://example.org/x')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(httpSource('no address')).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('is asked where it was led to, without the secrets of the first host', async () => {
    const target = await serve();
    const seen: (string | undefined)[] = [];
    const first = await serve({
      intercept: (request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(302, { location: target.url }).end();
        return true;
      },
    });
    const secret = { authorization: 'Bearer abc' };
    const source = await httpSource(first.url, { headers: secret });
    await source.read(0, 10);
    await source.read(10, 10);
    expect(seen).toEqual(['Bearer abc']);
    expect(target.requests()).toBe(3);
  });

  it('is asked for again at its first address when the one it was led to expired', async () => {
    let expired = false;
    const target = await serve({ intercept: (_, response) => expired && !!response.writeHead(403).end() });
    const first = await serve({
      intercept: (_, response) => {
        expired = false;
        return !!response.writeHead(302, { location: target.url }).end();
      },
    });
    const source = await httpSource(first.url);
    expired = true;
    expect(await source.read(5, 5)).toEqual(bytes.slice(5, 10));
    expect(first.requests()).toBe(2);
  });

  it('that changes while it is read is an error', async () => {
    let tag = '"one"';
    const server = await serve({
      intercept: (_, response) => {
        response.setHeader('etag', tag);
        return false;
      },
    });
    const source = await httpSource(server.url);
    await source.read(0, 1);
    tag = '"two"';
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'io', what: expect.stringContaining('changed') });
  });

  it('stops when it is told to, before and while bytes come', async () => {
    const server = await serve({
      intercept: (_, response, count) => {
        if (count < 2) return false;
        response.writeHead(206, { 'content-range': 'bytes 0-999/100000', 'content-length': 1000 });
        response.write(bytes.slice(0, 10));
        return true;
      },
    });
    const source = await httpSource(server.url);
    await expect(source.read(0, 1000, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await expect(source.read(0, 1000, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('does not show secrets of the address in messages', async () => {
    const server = await serve();
    expect((await httpSource(`${server.url}?token=secret`)).name).toBe(server.url);
  });
});

describe('answers to range requests', () => {
  it('tell offset, length and size', () => {
    expect(contentRange('bytes 5-9/100')).toEqual({ offset: 5, length: 5, size: 100 });
    expect(contentRange('bytes 0-0/*')).toEqual({ offset: 0, length: 1, size: undefined });
    expect(contentRange('bytes */100')).toEqual({ offset: undefined, length: 0, size: 100 });
    expect(contentRange('items 0-1/2')).toBeNull();
    expect(contentRange(null)).toBeNull();
  });

  it('come in parts, with any boundary, preamble and case', () => {
    const body = new TextEncoder().encode(
      'preamble\r\n--a b\r\nCONTENT-RANGE: bytes 2-4/9\r\n\r\nxyz\r\n--a b\r\nContent-Type: x\r\nContent-Range: bytes 8-8/9\r\n\r\n!\r\n--a b--',
    );
    const parts = multipartRanges(body, 'multipart/byteranges; boundary="a b"');
    expect(parts.map(part => [part.offset, new TextDecoder().decode(part.bytes)])).toEqual([
      [2, 'xyz'],
      [8, '!'],
    ]);
    expect(multipartRanges(body, 'multipart/byteranges')).toEqual([]);
  });
});
