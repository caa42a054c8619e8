/** Arguments that a config holds for an activation function. */

/** The first of `keys` that holds a number, or `fallback`. */
export function numberOf(
  given: { readonly [name: string]: unknown },
  keys: readonly string[],
  fallback: number,
): number {
  for (const key of keys) {
    const value = given[key];
    if (typeof value === 'number') return value;
  }
  return fallback;
}
