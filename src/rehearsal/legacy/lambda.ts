/** `Lambda.from_config` before Keras 3: the function is found by name or made from stored bytecode, at once. */

import type { Built } from '../built.ts';
import { loadFunction } from '../lambda-code.ts';
import { raise } from '../python/exception.ts';
import { copyDict, has, type PyDict } from '../python/values.ts';
import { isGiven, obstacle, type Run } from '../run.ts';
import { constructLayer } from './construct.ts';
import type { FoundClass } from './registry.ts';

export function lambdaFromConfig(run: Run, found: FoundClass, config: PyDict, where: string): Built {
  parseFunction(run, config, 'function', where);
  if (config.output_shape_type !== undefined) parseFunction(run, config, 'output_shape', where);
  if (config.mask_type !== undefined) parseFunction(run, config, 'mask', where);
  const taken = ['function_type', 'module', 'output_shape_type', 'output_shape_module', 'mask_type', 'mask_module'];
  const built = constructLayer(run, found, copyDict(config, taken), where, { passed: ['function'], printed: config });
  return { ...built, config };
}

/** Keras 1's Merge, which standalone Keras 2 kept for a while (legacy/layers.py): its mode may be a function. */
export function mergeFromConfig(run: Run, found: FoundClass, config: PyDict, where: string): Built {
  const keys = ['mode', 'output_shape', 'output_mask'];
  for (const key of keys) if (config[`${key}_type`] !== undefined) parseFunction(run, config, key, where);
  const types = keys.map(key => `${key}_type`);
  return constructLayer(run, found, copyDict(config, types), where, { printed: config });
}

function parseFunction(run: Run, config: PyDict, key: string, where: string): void {
  const typeKey = `${key}_type`;
  const type = config[typeKey];
  const pointer = `${where}/config/${key}`;
  if (!has(config, typeKey)) {
    if (key === 'function') raise('KeyError', `'${typeKey}'`, { failure: 'keras3-file-in-keras2' });
    return;
  }
  if (type === 'function') {
    const name = String(config[key]);
    if (isGiven(run, name)) return;
    obstacle(run, 'AttributeError', "'NoneType' object has no attribute 'get'", {
      failure: 'custom-object-missing',
      evidence: {
        text: `the Lambda calls "${name}", which must be given in custom_objects`,
        where: pointer,
        offset: null,
      },
      suppose: `custom:${name}`,
    });
    return;
  }
  if (type === 'lambda') loadFunction(run, config[key]!, pointer);
}
