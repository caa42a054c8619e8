/** What TensorFlow.js saves itself: configs of tf.keras 2, whatever its own version is. */

import { expect, it } from 'vitest';
import { openArtefact } from '../../src/artefacts/open.ts';
import { memoryFolder } from '../../src/bytes/folder.ts';

const layers = [
  { class_name: 'Embedding', config: { name: 'e', input_dim: 4, output_dim: 6, batch_input_shape: [null, 2] } },
  // It leaves open the size that is worked out.
  { class_name: 'Reshape', config: { name: 'r', target_shape: [null, 3] } },
];

const model = {
  format: 'layers-model',
  modelTopology: {
    class_name: 'Sequential',
    config: { name: 's', layers },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  },
  weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'e/embeddings', shape: [4, 6], dtype: 'float32' }] }],
};

it('knows its layers and the size that it leaves open', async () => {
  const artefact = await openArtefact(
    memoryFolder({ 'model.json': new TextEncoder().encode(JSON.stringify(model)), 'w.bin': new Uint8Array(96) }),
  );
  await artefact.close();
  expect(artefact.format).toBe('tfjs-layers');
  expect(artefact.customObjects).toEqual([]);
  expect(artefact.findings).toEqual([]);
  expect(artefact.provenance).toMatchObject({ line: null, keras: null });
  expect(artefact.provenance.evidence[0]).toContain('tfjs-layers 4.22.0');
  const reshape = artefact.model?.layers.find(({ name }) => name === 'r');
  expect(reshape?.config.target_shape).toEqual([-1, 3]);
});
