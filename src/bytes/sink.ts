/** Where bytes go: written in order, once. What is behind it makes them appear whole or not at all. */

export interface ByteSink {
  /** Appends. The bytes may be reused by the caller once the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes written before, such as a checksum that is known only afterwards. */
  rewrite(offset: number, bytes: Uint8Array): Promise<void>;
  /** Makes what was written appear under its name. */
  close(): Promise<void>;
  /** Leaves nothing behind. Safe after `close` too, where it does nothing. */
  abandon(): Promise<void>;
}

export interface MemorySink extends ByteSink {
  /** What has been written so far, as one array. */
  bytes(): Uint8Array;
}

/** Collects in memory, for small files and for pages. */
export function memorySink(): MemorySink {
  const parts: Uint8Array[] = [];
  return {
    async write(bytes) {
      parts.push(bytes.slice());
    },
    async rewrite(offset, bytes) {
      let at = 0;
      for (const part of parts) {
        const from = Math.max(offset, at);
        const to = Math.min(offset + bytes.byteLength, at + part.byteLength);
        if (from < to) part.set(bytes.subarray(from - offset, to - offset), from - at);
        at += part.byteLength;
      }
    },
    async close() {},
    async abandon() {
      parts.length = 0;
    },
    bytes() {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.byteLength;
      }
      return whole;
    },
  };
}
