/** What stored names of weights say: the variable, and the layers it lies in. */

/** A variable's name under which definitions know it, by what older eras called it. */
const formerNames: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  U: 'recurrent_kernel',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
  moving_std: 'moving_variance',
  alphas: 'alpha',
  param_0: 'kernel',
};

export interface StoredName {
  /** Variable under today's name. */
  readonly variable: string;
  /** Scopes before it, outermost first. */
  readonly scopes: readonly string[];
}

/**
 * `block/dense/kernel:0` is variable `kernel` in scopes `block`, `dense`; Keras 1's `dense_1_W` is `kernel` in `dense_1`.
 */
export function readWeightName(stored: string): StoredName {
  const segments = stored.replace(/:\d+$/, '').split('/').filter(Boolean);
  const last = segments.at(-1) ?? stored;
  const scopes = segments.slice(0, -1);
  const old = /^(.+?)_(W|b|U|gamma|beta|running_mean|running_std|alphas?)$/.exec(last);
  if (old && scopes.length === 0) return { variable: today(old[2]!), scopes: [old[1]!] };
  return { variable: today(last), scopes };
}

function today(name: string): string {
  return formerNames[name] ?? name;
}

/** Names that mean one variable though they differ: numbered copies, Keras 2's longer names of depthwise kernels. */
export function sameVariable(stored: string, wanted: string): boolean {
  if (stored === wanted) return true;
  const plain = stored.replace(/_\d+$/, '');
  return (
    plain === wanted ||
    (wanted === 'kernel' && plain === 'depthwise_kernel') ||
    (wanted === 'embeddings' && plain === 'kernel')
  );
}
