/**
 * Standalone Keras 2 on a TensorFlow that no longer has what it calls: the first layer that touches the backend fails,
 * whatever the file. Facts: keras/backend/tensorflow_backend.py of 2.2.4 and 2.3.1.
 */

import { inVersions } from '../../eras/versions.ts';
import { raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';

/** What is about to be done: make an input, make up a name, call a layer. */
export type Touch = 'input' | 'name' | 'call';

export function touchBackend(run: Run, touch: Touch): void {
  const { line, tensorflow, backend } = run.environment;
  if (line !== 'keras2' || backend !== 'tensorflow' || !tensorflow || run.supposed.has('tensorflow-two')) return;
  const facts = {
    failure: 'tf1-api-in-tf2',
    evidence: {
      text: `Keras ${run.version} calls functions that TensorFlow ${tensorflow} no longer has`,
      where: null,
      offset: null,
    },
    suppose: 'tensorflow-two',
  };
  if (since(run, '2.3')) {
    if (touch === 'call' && inVersions(tensorflow, '2.3'))
      raise('AttributeError', "module 'tensorflow.python.framework.ops' has no attribute '_TensorLike'", facts);
    return;
  }
  if (!inVersions(tensorflow, '2.0')) return;
  if (touch === 'input') raise('AttributeError', "module 'tensorflow' has no attribute 'placeholder'", facts);
  if (touch === 'name') raise('AttributeError', "module 'tensorflow' has no attribute 'get_default_graph'", facts);
}
