/** `Lambda.from_config` in Keras 3: safe mode, bytecode, names. Facts: layers/core/lambda_layer.py of 3.0 to 3.15. */

import type { Built } from '../built.ts';
import { loadFunction } from '../lambda-code.ts';
import { raise } from '../python/exception.ts';
import { isDict, isList, type PyDict, type PyValue } from '../python/values.ts';
import { obstacle, type Run, since } from '../run.ts';
import { constructLayer3 } from './construct.ts';
import { deserialize, lambdaFacts, refusesUnsafe } from './deserialize.ts';
import type { FoundObject } from './retrieve.ts';

export function lambda3(run: Run, found: FoundObject, config: PyDict, where: string): Built {
  functionOf(run, config.function, `${where}/config/function`);
  if (config.output_shape !== undefined) functionOf(run, config.output_shape, `${where}/config/output_shape`);
  return constructLayer3(run, found, config, where);
}

function functionOf(run: Run, stored: PyValue | undefined, where: string): void {
  if (!isDict(stored) || stored.class_name !== '__lambda__') {
    deserialize(run, stored, where);
    return;
  }
  refuse(run, where);
  const code = isDict(stored.config) ? stored.config : {};
  loadFunction(run, [code.code ?? null, code.defaults ?? null, code.closure ?? null], where);
  if (isList(code.defaults)) {
    raise('TypeError', 'arg 4 (defaults) must be None or tuple', {
      failure: 'lambda-encoding-change',
      evidence: {
        text: 'the stored defaults are a list, and Keras 3 does not make a tuple of it',
        where,
        offset: null,
      },
    });
  }
}

/** Safe mode's words. HDF5 files are asked only from 3.11.3 on. */
function refuse(run: Run, where: string): void {
  if (!refusesUnsafe(run) || (run.legacyConfig && !since(run, '3.11.3'))) return;
  obstacle(run, 'ValueError', refusalText(run), lambdaFacts(where));
}

function refusalText(run: Run): string {
  if (since(run, '3.11.3')) {
    return 'Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda. This carries a potential risk of arbitrary code execution and thus it is disallowed by default. If you trust the source of the artifact, you can override this error by passing `safe_mode=False` to the loading function, or calling `keras.config.enable_unsafe_deserialization().';
  }
  const argument = since(run, '3.10') ? 'function' : '{arg_name}';
  return `The \`${argument}\` of this \`Lambda\` layer is a Python lambda. Deserializing it is unsafe. If you trust the source of the config artifact, you can override this error by passing \`safe_mode=False\` to \`from_config()\`, or calling \`keras.config.enable_unsafe_deserialization().`;
}
