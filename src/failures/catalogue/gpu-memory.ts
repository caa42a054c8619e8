import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'gpu-memory',
  group: 'machine',
  title: 'The GPU has no memory left',
  why: 'Another process holds it, or the model is loaded again and again in one process (names that end in _77 show that).',
  signs: [
    { text: /ResourceExhaustedError|OOM when allocating|CUDA_ERROR_OUT_OF_MEMORY|out of memory/m, confidence: 0.93 },
    { text: /Failed to get convolution algorithm|cuDNN failed to initialize/m, confidence: 0.8 },
  ],
  mends: [
    { title: 'Free what was loaded before', python: 'keras.backend.clear_session()' },
    { title: 'Predict in smaller batches', python: 'model.predict(x, batch_size=8)' },
  ],
  sources: ['TensorFlow guide: GPU memory growth'],
});
