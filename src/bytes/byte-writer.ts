/** Little-endian bytes, appended; the lengths of metadata are small, so a growing list is enough. */

export interface ByteWriter {
  readonly length: number;
  u8(value: number): ByteWriter;
  u16(value: number): ByteWriter;
  u32(value: number): ByteWriter;
  /** A length or an address; safe integers only. */
  u64(value: number | bigint): ByteWriter;
  raw(bytes: Uint8Array | readonly number[]): ByteWriter;
  zeros(count: number): ByteWriter;
  done(): Uint8Array;
}

export function byteWriter(): ByteWriter {
  let buffer = new Uint8Array(256);
  let view = new DataView(buffer.buffer);
  let length = 0;

  const reserve = (count: number): number => {
    const at = length;
    length += count;
    if (length > buffer.length) {
      const grown = new Uint8Array(Math.max(length, buffer.length * 2));
      grown.set(buffer);
      buffer = grown;
      view = new DataView(buffer.buffer);
    }
    return at;
  };

  const writer: ByteWriter = {
    get length() {
      return length;
    },
    u8(value) {
      const at = reserve(1);
      view.setUint8(at, value);
      return writer;
    },
    u16(value) {
      const at = reserve(2);
      view.setUint16(at, value, true);
      return writer;
    },
    u32(value) {
      const at = reserve(4);
      view.setUint32(at, value, true);
      return writer;
    },
    u64(value) {
      const at = reserve(8);
      view.setBigUint64(at, BigInt(value), true);
      return writer;
    },
    raw(bytes) {
      const at = reserve(bytes.length);
      buffer.set(bytes, at);
      return writer;
    },
    zeros(count) {
      reserve(count);
      return writer;
    },
    done() {
      return buffer.slice(0, length);
    },
  };
  return writer;
}
