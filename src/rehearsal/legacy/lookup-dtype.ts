/**
 * Dtypes that preprocessing layers of tf.keras accept for themselves, asked before any other keyword. Facts:
 * layers/preprocessing/string_lookup.py, integer_lookup.py and text_vectorization.py of TensorFlow 2.3 to 2.6 and of the
 * Keras tags.
 */

import { repr } from '../python/repr.ts';
import type { PyDict } from '../python/values.ts';
import { obstacle, type Run } from '../run.ts';
import { since2 } from './identifiers.ts';

/** Lookups take any dtype from 2.7 on. */
const own: { readonly [className: string]: string } = { StringLookup: 'string', IntegerLookup: 'int64' };

export function refuseLookupDtype(run: Run, className: string, { dtype }: PyDict, where: string): void {
  if (typeof dtype !== 'string' || !since2(run, '2.3')) return;
  const text = refusal(run, className, dtype);
  if (text === null) return;
  obstacle(run, 'ValueError', text, {
    failure: 'newer-file-older-keras',
    evidence: {
      text: `${className} has dtype ${repr(dtype)}, which ${run.environment.line} ${run.version} does not take`,
      where: `${where}/config/dtype`,
      offset: null,
    },
    suppose: `dtype:${where}`,
  });
}

function refusal(run: Run, className: string, dtype: string): string | null {
  if (className === 'TextVectorization' && dtype !== 'string') {
    return since2(run, '2.7')
      ? `\`TextVectorization\` may only have a dtype of string. Received dtype: ${dtype}.`
      : 'TextVectorization may only have a dtype of string.';
  }
  const only = own[className];
  if (only === undefined || dtype === only || since2(run, '2.7')) return null;
  return since2(run, '2.5')
    ? `The value of the dtype argument for ${className} may only be one of [tf.${only}].`
    : `${className} may only have a dtype in [tf.${only}].`;
}
