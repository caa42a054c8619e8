/**
 * Bytes behind a URL, read by ranges (RFC 9110, section 14). The first request asks for one byte, which tells the size
 * and whether the server does ranges at all; where it does not, the whole is fetched, up to a limit.
 */

import { LoadstoneError } from '../findings/errors.ts';
import { memorySource } from './memory.ts';
import { contentRange, multipartRanges } from './multipart.ts';
import { checkRange } from './range.ts';
import { type Endpoint, type HttpOptions, readBody, request } from './request.ts';
import type { ByteSource, Range, ReadOptions } from './source.ts';

export type { HttpOptions } from './request.ts';

/** Most bytes fetched whole from a server without ranges, unless told otherwise. */
const defaultWhole = 512 * 2 ** 20;

/** Ranges asked for in one request; Apache refuses more than 200. */
const rangesPerRequest = 100;

/** From so many separate ranges on, one request for all of them is tried. */
const worthTogether = 4;

/** Requests under way at once, as browsers allow for one host. */
const parallel = 6;

/**
 * Opens a URL. Throws `not-found` where the server has nothing there, `io` where it refuses or fails, `limit` where it
 * does not do ranges and has more than `maxWholeBytes`.
 */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<ByteSource> {
  const endpoint = newEndpoint(url, options);
  const probe = await request(endpoint, 'bytes=0-0', options.signal);
  if (probe.status === 200) return wholeSource(endpoint, probe, options);
  const range = contentRange(probe.headers.get('content-range'));
  await probe.body?.cancel();
  if (probe.status === 416 && range?.size === 0) return memorySource(new Uint8Array(0), endpoint.name);
  if (probe.status !== 206 || range?.size === undefined) {
    return wholeSource(endpoint, await request(endpoint, null, options.signal), options);
  }
  endpoint.tag = probe.headers.get('etag');
  return rangedSource(endpoint, range.size);
}

function newEndpoint(url: string, options: HttpOptions): Endpoint {
  const { protocol, origin, pathname } = parseUrl(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new LoadstoneError('bad-input', `“${protocol}” is no address of the web`, { where: url });
  }
  // Without user name and query, which may hold secrets: this name is shown.
  return {
    url,
    current: url,
    name: origin + pathname,
    options,
    tag: null,
    counts: { requests: 0, bytes: 0 },
    together: mayAskTogether(url) ? null : false,
  };
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw new LoadstoneError('bad-input', 'this is no web address', { where: url, cause });
  }
}

/** In a page, a request for several ranges of another origin would first be asked leave for (CORS), each time. */
function mayAskTogether(url: string): boolean {
  const page = (globalThis as { location?: { origin?: string } }).location?.origin;
  return page === undefined || page === new URL(url).origin;
}

async function wholeSource(endpoint: Endpoint, response: Response, options: HttpOptions): Promise<ByteSource> {
  const limit = options.maxWholeBytes ?? defaultWhole;
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > limit) {
    await response.body?.cancel();
    throw tooLarge(endpoint, announced, limit);
  }
  const bytes = await readBody(endpoint, response, limit, options.signal);
  if (bytes === null) throw tooLarge(endpoint, limit + 1, limit);
  endpoint.counts.bytes += bytes.length;
  return { ...memorySource(bytes, endpoint.name), counts: endpoint.counts };
}

function tooLarge(endpoint: Endpoint, size: number, limit: number): LoadstoneError {
  return new LoadstoneError(
    'limit',
    `the server sends only the whole file: ${size} bytes or more, over the limit of ${limit}`,
    {
      where: endpoint.name,
      do: 'Download the file and open it from disk, or put it on a server that answers range requests.',
    },
  );
}

function rangedSource(endpoint: Endpoint, size: number): ByteSource {
  const source = { name: endpoint.name, size };
  return {
    ...source,
    counts: endpoint.counts,
    async read(offset, length, options) {
      checkRange(source, offset, length, options);
      return readOne(endpoint, { offset, length }, options);
    },
    async readRanges(ranges, options) {
      for (const { offset, length } of ranges) checkRange(source, offset, length, options);
      return readMany(endpoint, ranges, options);
    },
    async joinsRanges() {
      // Two single bytes far apart; what is known from reading is not asked again.
      const ends = [0, size - 1].map(offset => ({ offset, length: 1 }));
      if (endpoint.together === null) await readTogether(endpoint, ends);
      return endpoint.together === true;
    },
  };
}

async function readOne(endpoint: Endpoint, range: Range, options?: ReadOptions): Promise<Uint8Array> {
  const { offset, length } = range;
  if (length === 0) return new Uint8Array(0);
  const response = await request(endpoint, `bytes=${offset}-${offset + length - 1}`, options?.signal);
  const told = contentRange(response.headers.get('content-range'));
  if (response.status !== 206 || told?.offset !== offset) {
    await response.body?.cancel();
    throw new LoadstoneError('io', `the server answered ${response.status} to a request for ${length} bytes`, {
      where: endpoint.name,
      offset,
    });
  }
  const bytes = await readBody(endpoint, response, length, options?.signal);
  endpoint.counts.bytes += bytes?.length ?? length;
  if (bytes?.length === length) return bytes;
  if (bytes && bytes.length > 0 && told.length === bytes.length) {
    // Some servers bound what one answer holds.
    const rest = await readOne(endpoint, { offset: offset + bytes.length, length: length - bytes.length }, options);
    const whole = new Uint8Array(length);
    whole.set(bytes);
    whole.set(rest, bytes.length);
    return whole;
  }
  throw new LoadstoneError('io', `the server sent ${bytes?.length ?? 'too many'} bytes instead of ${length}`, {
    where: endpoint.name,
    offset,
  });
}

async function readMany(endpoint: Endpoint, ranges: readonly Range[], options?: ReadOptions): Promise<Uint8Array[]> {
  const results = new Array<Uint8Array>(ranges.length);
  const left: number[] = [];
  for (let start = 0; start < ranges.length; start += rangesPerRequest) {
    const group = ranges.slice(start, start + rangesPerRequest);
    const together = endpoint.together !== false && group.length >= worthTogether;
    const found = together ? await readTogether(endpoint, group, options) : [];
    group.forEach((_, index) => {
      if (found[index]) results[start + index] = found[index];
      else left.push(start + index);
    });
  }
  const next = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      results[index] = await readOne(endpoint, ranges[index]!, options);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, left.length) }, next));
  return results;
}

/** All ranges by one request, or as many of them as the server sent. A server that does not do that is not asked again. */
async function readTogether(
  endpoint: Endpoint,
  ranges: readonly Range[],
  options?: ReadOptions,
): Promise<(Uint8Array | undefined)[]> {
  const asked = ranges.map(({ offset, length }) => `${offset}-${offset + length - 1}`).join(',');
  const response = await request(endpoint, `bytes=${asked}`, options?.signal, true);
  const wanted = ranges.reduce((sum, range) => sum + range.length, 0);
  const isMultipart = response.headers.get('content-type')?.startsWith('multipart/byteranges') ?? false;
  if (response.status !== 206 || !isMultipart) {
    await response.body?.cancel();
    endpoint.together = false;
    return [];
  }
  // Servers may join ranges, so what comes is bounded with room for what lies between, and for the parts' headers.
  endpoint.together = true;
  const bytes = await readBody(endpoint, response, 2 * wanted + ranges.length * 1024, options?.signal);
  endpoint.counts.bytes += bytes?.length ?? 0;
  const parts = bytes ? multipartRanges(bytes, response.headers.get('content-type')!) : [];
  return ranges.map(({ offset, length }) => {
    const part = parts.find(known => known.offset <= offset && offset + length <= known.offset + known.bytes.length);
    return part?.bytes.subarray(offset - part.offset, offset - part.offset + length);
  });
}
