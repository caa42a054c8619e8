import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'cudnn-rnn-cpu-gpu',
  group: 'machine',
  title: 'CuDNN layers run on NVIDIA GPUs only',
  why: 'CuDNNLSTM and CuDNNGRU name an operation that has no CPU form. Their weights fit plain LSTM and GRU layers after a change of order.',
  signs: [
    { text: /No OpKernel was registered to support Op 'CudnnRNN/m, confidence: 0.98 },
    { text: /CudnnRNN|CuDNN(?:LSTM|GRU)/m, confidence: 0.7 },
  ],
  mends: [
    {
      title: 'Write a copy with plain layers, which run anywhere',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
  ],
  sources: ['keras 2.x keras/layers/cudnn_recurrent.py'],
});
