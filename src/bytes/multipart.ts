/** Answers to range requests: the Content-Range field, and bodies of several parts (RFC 9110, sections 14.4 and 14.6). */

export interface ContentRange {
  /** First byte; undefined in the answer to a range that cannot be had. */
  offset: number | undefined;
  length: number;
  /** Bytes of the whole; undefined where the server does not know. */
  size: number | undefined;
}

/** Parses `bytes 0-99/1234`, `bytes 0-99/*` or `bytes *\/1234`; null for anything else. */
export function contentRange(field: string | null): ContentRange | null {
  const match = field?.match(/^\s*bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)\s*$/i);
  if (!match) return null;
  const [, first, last, size] = match;
  return {
    offset: first === undefined ? undefined : Number(first),
    length: first === undefined ? 0 : Number(last) - Number(first) + 1,
    size: size === '*' ? undefined : Number(size),
  };
}

export interface RangePart {
  offset: number;
  bytes: Uint8Array;
}

/** The parts of a `multipart/byteranges` body. What is not well-formed ends the list. */
export function multipartRanges(body: Uint8Array, contentType: string): RangePart[] {
  const boundary = contentType.match(/boundary=(?:"([^"]+)"|([^;\s]+))/i);
  if (!boundary) return [];
  const mark = new TextEncoder().encode(`--${boundary[1] ?? boundary[2]}`);
  const parts: RangePart[] = [];
  let at = indexOf(body, mark, 0);
  while (at >= 0) {
    const headerStart = at + mark.length;
    const headerEnd = indexOf(body, blankLine, headerStart);
    if (headerEnd < 0) break;
    const header = new TextDecoder('latin1').decode(body.subarray(headerStart, headerEnd));
    const range = contentRange(header.match(/^content-range:(.*)$/im)?.[1]?.trim() ?? null);
    const start = headerEnd + blankLine.length;
    if (range?.offset === undefined || start + range.length > body.length) break;
    parts.push({ offset: range.offset, bytes: body.subarray(start, start + range.length) });
    at = indexOf(body, mark, start + range.length);
  }
  return parts;
}

const blankLine = new TextEncoder().encode('\r\n\r\n');

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
