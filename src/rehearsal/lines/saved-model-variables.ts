/** Restoring a SavedModel's variables: every byte is checked here. Facts: TensorFlow's loader and its TensorBundle. */

import type { RawCheckpoint, RawSavedModel } from '../../artefacts/raw/index.ts';
import { evidence, raise } from '../python/exception.ts';
import { type Run, since } from '../run.ts';

const device = "'/job:localhost'.";

export function restoreVariables(run: Run, { variables }: RawSavedModel): void {
  const prefix = `${run.raw.path}/variables/variables`;
  if (!variables?.index) raiseNoIndex(run, prefix, variables);
  raiseDamage(run, variables, prefix);
}

function raiseNoIndex(run: Run, prefix: string, variables: RawCheckpoint | null): never {
  const facts = {
    failure: 'savedmodel-missing-files',
    evidence: evidence('variables/variables.index is missing', 'variables/variables.index'),
  };
  const folder = variables !== null || run.raw.files.some(name => name.startsWith('variables/'));
  if (!folder && !since(run, '2.4')) {
    const text = `Unsuccessful TensorSliceReader constructor: Failed to get matching files on ${prefix}: Not found: ${run.raw.path}/variables; No such file or directory`;
    raise(since(run, '2.1') ? 'ValueError' : 'InvalidArgumentError', text, facts);
  }
  const text = `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${prefix}`;
  if (!since(run, '2.3')) raise('NotFoundError', text, facts);
  const hint = since(run, '2.7')
    ? ` You may be trying to load on a different device from the computational device. Consider setting the \`experimental_io_device\` option in \`tf.saved_model.LoadOptions\` to the io_device such as ${device}`
    : ` If trying to load on a different device from the computational device, consider using setting the \`experimental_io_device\` option on tf.saved_model.LoadOptions to the io_device such as ${device}`;
  raise('FileNotFoundError', `${text}\n${hint}`, facts);
}

/** What a bundle with its index says of shards that are missing, cut off, or changed. */
export function raiseDamage(run: Run, bundle: RawCheckpoint, prefix: string): void {
  const inModel = run.raw.savedModel !== null;
  const pointer = bundle.shards.some(shard => shard.pointer) || bundle.index?.pointer === true;
  const facts = (words: string, where: string, offset: number | null = null) => ({
    failure: pointer ? 'lfs-pointer' : 'truncated-or-corrupt',
    evidence: evidence(words, where, offset),
  });
  if (bundle.index?.problem) raiseIndex(run, bundle, facts);
  const missing = bundle.shards.find(shard => shard.size === null);
  if (missing) {
    raise('OpError', `${missing.name}; No such file or directory`, {
      failure: inModel ? 'savedmodel-missing-files' : 'checkpoint-missing-files',
      evidence: evidence(`${missing.name} is missing`, missing.name),
    });
  }
  for (const entry of bundle.entries) {
    const shard = bundle.shards[entry.shard];
    if (shard?.size !== null && shard && entry.offset + entry.length > shard.size) {
      raise(
        since(run, '2.0') ? 'IndexError' : 'OutOfRangeError',
        'Read less bytes than requested',
        facts(
          `${shard.name} is cut off: "${entry.key}" ends at byte ${entry.offset + entry.length} of ${shard.size}`,
          shard.name,
          shard.size,
        ),
      );
    }
  }
  const changed = bundle.entries.find(entry => entry.problem);
  if (!changed) return;
  const shard = bundle.shards[changed.shard];
  const bytes = `TensorBundle at ${prefix} shard ${changed.shard} (${shard?.size ?? 0} bytes): Checksum does not match: stored 0 vs. calculated on the restored bytes 0`;
  const told = facts(changed.problem!.what, shard?.name ?? prefix, changed.problem!.offset);
  // The object graph is read by a plain reader, variables by an op.
  if (changed.key === '_CHECKPOINTABLE_OBJECT_GRAPH') raise('OpError', bytes, told);
  if (!since(run, '2.3'))
    raise(
      'DataLossError',
      'Checksum does not match: stored 0 vs. calculated on the restored bytes 0 [Op:RestoreV2]',
      told,
    );
  const wrapped = since(run, '2.9')
    ? '{{function_node __wrapped__RestoreV2_dtypes_1_device_/job:localhost/replica:0/task:0/device:CPU:0}} '
    : '';
  raise('DataLossError', `${wrapped}${bytes} [Op:RestoreV2]`, told);
}

function raiseIndex(
  run: Run,
  bundle: RawCheckpoint,
  facts: (words: string, where: string, offset?: number | null) => Parameters<typeof raise>[2],
): never {
  void run;
  const problem = bundle.index!.problem!;
  const told = facts(problem.what, `${bundle.prefix}.index`, problem.offset);
  if (bundle.index!.size < 48) raise('OpError', 'file is too short to be an sstable', told);
  raise('OpError', 'not an sstable (bad magic number)', told);
}
