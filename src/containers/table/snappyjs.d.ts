declare module 'snappyjs' {
  /** Throws where the bytes are no snappy block, or would become more than `maxLength` bytes. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
