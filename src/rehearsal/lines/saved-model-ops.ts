/**
 * Ops and attributes that a TensorFlow does not know yet. Facts: the op registries of the releases, as far as graphs of
 * Keras models meet them.
 */

import type { RawSavedModel } from '../../artefacts/raw/index.ts';
import { inVersions } from '../../eras/versions.ts';
import { evidence, raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';

/** First TensorFlow with the op. */
const opsSince: { readonly [op: string]: string } = {
  DisableCopyOnRead: '2.9',
  DenseBincount: '2.3',
  RaggedBincount: '2.3',
  SparseBincount: '2.3',
  StatelessRandomGetKeyCounter: '2.5',
  StatelessRandomUniformV2: '2.4',
  StatelessRandomNormalV2: '2.4',
  ImageProjectiveTransformV3: '2.4',
  AnonymousMutableDenseHashTable: '2.8',
  AnonymousMutableHashTable: '2.8',
  LookupTableFindV2: '1.4',
};

/** First TensorFlow in which the op has the attribute. */
const attributesSince: { readonly [op: string]: { readonly [attribute: string]: string } } = {
  FusedBatchNormV3: { exponential_avg_factor: '2.3' },
  AssignVariableOp: { validate_shape: '2.4' },
};

export function requireOps(run: Run, { ops }: RawSavedModel): void {
  const tensorflow = run.environment.tensorflow!;
  for (const [op, attributes] of Object.entries(ops)) {
    if (opsSince[op] && !inVersions(tensorflow, opsSince[op])) raiseOp(run, op);
    for (const attribute of attributes) {
      const first = attributesSince[op]?.[attribute];
      if (first && !inVersions(tensorflow, first)) {
        raise(
          'ValueError',
          `NodeDef mentions attr '${attribute}' not in Op<name=${op}; signature=…>; NodeDef: {{node ${op}}}. (Check whether your GraphDef-interpreting binary is up to date with your GraphDef-generating binary.).`,
          {
            failure: 'newer-file-older-keras',
            evidence: evidence(
              `the op ${op} has the attribute ${attribute}, which TensorFlow knows from ${first} on`,
              'saved_model.pb',
            ),
          },
        );
      }
    }
  }
}

function raiseOp(run: Run, op: string): never {
  const text = `Op type not registered '${op}' in binary running on localhost. Make sure the Op and Kernel are registered in the binary running in this process. Note that if you are loading a saved graph which used ops from tf.contrib, accessing (e.g.) \`tf.contrib.resampler\` should be done before importing the graph, as contrib ops are lazily registered when the module is first accessed.`;
  const facts = {
    failure: 'newer-file-older-keras',
    evidence: evidence(`the graph uses the op ${op}, which TensorFlow has from ${opsSince[op]} on`, 'saved_model.pb'),
  };
  if (!since(run, '2.3')) raise('NotFoundError', text, facts);
  raise(
    'FileNotFoundError',
    `${text}\n You may be trying to load on a different device from the computational device. Consider setting the \`experimental_io_device\` option in \`tf.saved_model.LoadOptions\` to the io_device such as '/job:localhost'.`,
    facts,
  );
}
