/** The form of the generated tables of constructors: what each release of a line exports, release spans sharing one text. */

export interface SignatureTable {
  /** Ascending. For tf.keras these are TensorFlow's, continued by tf_keras's own. */
  readonly releases: readonly string[];
  /**
   * Texts: `=ClassName|module|Base,Base|parameter parameter! * **`; `function` for functions; `=target` for strings that
   * stand for something. `!` marks a parameter without default, `+` a
   * key that its own `get_config` writes and `**kwargs` takes.
   */
  readonly pool: readonly string[];
  /** `space.Name` → triples of first release, last release (indices, inclusive) and pool index. */
  readonly names: { readonly [name: string]: readonly number[] };
}
