/** What Loadstone needs of ONNX Runtime, in Node and in browsers alike. */

import type { Tensor } from '../numbers/tensor.ts';

export interface SessionOptions {
  /** The folder to which the locations of external data are relative. */
  readonly folder?: string;
  /** External data given as bytes, by location. */
  readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Rearrange weights for speed, at the price of a copy of them. */
  readonly prepack: boolean;
  /** Threads within operators; left out, the runtime chooses. */
  readonly threads?: number;
}

export interface Session {
  /** Feeds and results by name; results are the caller's. */
  run(
    feeds: { readonly [name: string]: Tensor },
    wanted: readonly string[],
  ): Promise<{ readonly [name: string]: Tensor }>;
  release(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  /** True where weights can be handed over as bytes beside the model, which spares a copy of them. */
  readonly takesBytes: boolean;
  createSession(model: Uint8Array, options: SessionOptions): Promise<Session>;
  /**
   * The folder that holds all these files and their places relative to it, so that weights can be used where they lie.
   * Null where the runtime cannot read files.
   */
  locate(paths: readonly string[]): { readonly folder: string; readonly locations: ReadonlyMap<string, string> } | null;
}
