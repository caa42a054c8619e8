/**
 * TensorFlow 1 stores values by running a session, and a session first looks for a kernel for every node of the graph,
 * asked for or not: CuDNN's layers have none without a GPU (tensorflow 1.15 core/common_runtime/placer.cc says so).
 */

import { obstacle, type Run, since } from '../run.ts';

/** Environments are rehearsed as they are on a machine without a GPU. */
export function runSession(run: Run): void {
  const { line, backend, tensorflow } = run.environment;
  if (backend !== 'tensorflow' || !tensorflow?.startsWith('1.')) return;
  const [first] = run.cudnn;
  if (!first) return;
  const [name, className] = first;
  const operation = line === 'tf.keras' && since(run, '1.14') ? 'CudnnRNNV2' : 'CudnnRNN';
  const mode = className === 'CuDNNLSTM' ? 'lstm' : 'gru';
  const node = `${name}/${operation}`;
  const attributes = `dropout=0, seed=87654321, input_mode="linear_input", T=DT_FLOAT, direction="unidirectional", rnn_mode="${mode}", is_training=true, seed2=0`;
  const text = `No OpKernel was registered to support Op '${operation}' used by node ${node} (defined at tensorflow_core/python/framework/ops.py:1748) with these attrs: [${attributes}]\nRegistered devices: [CPU, XLA_CPU]\nRegistered kernels:\n  <no registered kernels>\n\n\t [[${node}]]`;
  obstacle(run, 'InvalidArgumentError', text, {
    failure: 'cudnn-rnn-cpu-gpu',
    evidence: { text: `${className} computes on a GPU only`, where: name, offset: null },
    suppose: 'cudnn-kernel',
  });
}
