/**
 * A SavedModel's metrics, made from their configs after the layers: one that is the user's own and not given cannot be
 * made at all. Facts: `load_layers` and `revive_custom_object` in saving/saved_model/load.py of TensorFlow 2.3 to 2.6 and
 * of the Keras tags.
 */

import { isOwnName, knowsString } from '../legacy/registry.ts';
import { evidence, raise } from '../python/exception.ts';
import { isDict, type PyDict } from '../python/values.ts';
import { compiles, isGiven, type Run, since } from '../run.ts';

/** Metrics that wrap a function, and are exported by no release before 2.9. */
const wrappers = ['MeanMetricWrapper', 'SumOverBatchSizeMetricWrapper', 'SumOverBatchSizeMetric', 'Reduce'];

export function reviveMetrics(run: Run, nodes: readonly { identifier: string; metadata: PyDict }[]): void {
  // From 2.4 on nobody misses a metric that is not compiled.
  if (!since(run, '2.2') || (since(run, '2.4') && !compiles(run))) return;
  for (const { identifier, metadata } of nodes) {
    if (identifier !== '_tf_keras_metric') continue;
    const className = String(metadata.class_name ?? '');
    const unknown = unknownName(run, className, isDict(metadata.config) ? metadata.config : {});
    if (unknown === null) continue;
    raise('ValueError', text(run, className, identifier), {
      failure: 'custom-object-missing',
      evidence: evidence(`the metric "${unknown}" is the user's own: it must be given in custom_objects`, className),
      suppose: `custom:${unknown}`,
    });
  }
}

/** The user's class or function that is not given; null where there is none. */
function unknownName(run: Run, className: string, { fn }: PyDict): string | null {
  const isMissing = (name: string) => isOwnName(name) && !isGiven(run, name);
  if (!wrappers.includes(className)) return isMissing(className) ? className : null;
  if (typeof fn !== 'string' || !isMissing(fn)) return null;
  return knowsString(run, 'metrics', fn) || knowsString(run, 'losses', fn) ? null : fn;
}

function text(run: Run, className: string, identifier: string): string {
  if (since(run, '2.12'))
    return `Unable to restore custom object of class "${className}" (type ${identifier}). Please make sure that this class is included in the \`custom_objects\` arg when calling \`load_model()\`. Also, check that the class implements \`get_config\` and \`from_config\`.`;
  if (since(run, '2.7'))
    return `Unable to restore custom object of type ${identifier}. Please make sure that any custom layers are included in the \`custom_objects\` arg when calling \`load_model()\` and make sure that all layers implement \`get_config\` and \`from_config\`.`;
  return `Unable to restore custom object of type ${identifier} currently. Please make sure that the layer implements \`get_config\`and \`from_config\` when saving. In addition, please use the \`custom_objects\` arg when calling \`load_model()\`.`;
}
