/**
 * What the host offers beside the language: in Node its built-in modules, asked for so that nothing is imported where
 * there are none. Whoever asks can do without, only slower.
 */

interface Zlib {
  crc32?(bytes: Uint8Array, before?: number): number;
  inflateSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  inflateRawSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

const { process } = globalThis as { readonly process?: NodeProcess };

/** Node's zlib; null elsewhere. */
export const hostZlib = (process?.getBuiltinModule?.('node:zlib') as Zlib | undefined) ?? null;
