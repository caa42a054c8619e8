/** One request of a URL: what is sent, what is tried again, and what answers become errors. */

import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import { checkSignal } from './range.ts';
import type { ReadCounts } from './source.ts';

export interface HttpOptions {
  /** Instead of the platform's `fetch`. */
  fetch?: typeof fetch;
  /** Sent with every request, such as `Authorization`. */
  headers?: Record<string, string>;
  /** Aborts opening; reads have their own. */
  signal?: AbortSignal;
  /** Most bytes fetched whole from a server that does not do ranges. Default 512 MiB. */
  maxWholeBytes?: number;
}

export interface Endpoint {
  readonly url: string;
  /** Where the first request was led to; asked directly from then on, so that each read is one request. */
  current: string;
  readonly name: string;
  readonly options: HttpOptions;
  /** Entity tag of the first answer. */
  tag: string | null;
  readonly counts: ReadCounts;
  /** Whether several ranges may be asked for at once; null until it was tried. */
  together: boolean | null;
}

/** Answers that may be better the next time. */
const passing = new Set([429, 500, 502, 503, 504]);

/** Milliseconds before each further try. */
const pauses = [200, 800];

/**
 * Sends a GET for a range (null: for everything) and gives the answer where it is 200, 206 or 416. With `mayRefuse`, any
 * other answer but a failure of the network is given too.
 */
export async function request(
  endpoint: Endpoint,
  range: string | null,
  signal: AbortSignal | undefined,
  mayRefuse = false,
): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    checkSignal(endpoint.name, signal);
    const wasLedElsewhere = endpoint.current !== endpoint.url;
    const pause = pauses[attempt];
    const response = await send(endpoint, range, signal).catch(error => {
      if (pause === undefined || isLoadstoneError(error, 'aborted')) throw error;
      return null;
    });
    const isPassing = response === null || (passing.has(response.status) && pause !== undefined && !mayRefuse);
    if (response && !isPassing && (response.status < 400 || response.status === 416 || mayRefuse || !wasLedElsewhere)) {
      return checked(endpoint, response, mayRefuse);
    }
    await response?.body?.cancel();
    // Addresses that one is led to often expire: the next try asks for a new one.
    endpoint.current = endpoint.url;
    if (isPassing) await new Promise(resolve => setTimeout(resolve, pause));
  }
}

async function send(endpoint: Endpoint, range: string | null, signal: AbortSignal | undefined): Promise<Response> {
  const { options } = endpoint;
  const headers = new Headers(options.headers);
  // What `fetch` does itself when it is led to another host: credentials stay at home.
  if (new URL(endpoint.current).origin !== new URL(endpoint.url).origin) {
    for (const secret of ['authorization', 'cookie', 'proxy-authorization']) headers.delete(secret);
  }
  if (range !== null) headers.set('range', range);
  headers.set('accept-encoding', 'identity');
  endpoint.counts.requests += 1;
  try {
    const response = await (options.fetch ?? fetch)(endpoint.current, { headers, signal });
    if (response.redirected && response.url) endpoint.current = response.url;
    return response;
  } catch (cause) {
    checkSignal(endpoint.name, signal);
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : '';
    throw new LoadstoneError('io', `the server cannot be reached${inner && `: ${inner}`}`, {
      where: endpoint.name,
      do: 'Check the address and the connection. In a browser, the server must also allow this page (CORS).',
      cause,
    });
  }
}

async function checked(endpoint: Endpoint, response: Response, mayRefuse: boolean): Promise<Response> {
  const { status } = response;
  if (status === 200 || status === 206 || status === 416) {
    const tag = response.headers.get('etag');
    if (endpoint.tag === null || tag === null || tag === endpoint.tag || mayRefuse) return response;
    await response.body?.cancel();
    throw new LoadstoneError('io', 'the file on the server changed while it was read', { where: endpoint.name });
  }
  if (mayRefuse) return response;
  await response.body?.cancel();
  if (status === 404 || status === 410) {
    throw new LoadstoneError('not-found', `the server has no such file (${status})`, { where: endpoint.name });
  }
  const refused = status === 401 || status === 403;
  throw new LoadstoneError(
    'io',
    `the server ${refused ? 'refuses' : 'fails'} (${status} ${response.statusText})`.trim(),
    {
      where: endpoint.name,
      do: refused ? 'It may want a login: download the file and open it from disk.' : undefined,
    },
  );
}

/** The body, or null where it has more than `limit` bytes. Never holds more than that. */
export async function readBody(
  endpoint: Endpoint,
  response: Response,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  const announced = Number(response.headers.get('content-length') ?? Number.NaN);
  let out = new Uint8Array(Math.min(limit, Number.isFinite(announced) ? announced : 65536));
  let length = 0;
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      const next = length + part.value.length;
      if (next > limit) {
        await reader?.cancel();
        return null;
      }
      if (next > out.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(next, out.length * 2)));
        larger.set(out.subarray(0, length));
        out = larger;
      }
      out.set(part.value, length);
      length = next;
    }
  } catch (cause) {
    checkSignal(endpoint.name, signal);
    throw new LoadstoneError('io', `the connection broke after ${length} bytes`, { where: endpoint.name, cause });
  }
  return length === out.length ? out : out.subarray(0, length);
}
