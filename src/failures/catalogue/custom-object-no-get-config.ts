import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'custom-object-no-get-config',
  group: 'code-not-in-file',
  title: 'A custom class does not write, or does not take back, its own arguments',
  why: 'get_config() must give every argument of __init__, and from_config() must be able to hand them back. Without that, the file lacks them, or carries keys that the class refuses.',
  signs: [
    { text: /__init__\(\) takes (?:exactly|at least) \d+ arguments \(\d+ given\)/m, confidence: 0.85 },
    { text: /must override `?get_config/m, confidence: 0.96 },
    {
      text: /could not be deserialized properly\. Please ensure that components that are Python object/m,
      confidence: 0.72,
      unless: /Lambda|lambda|<class 'keras\.src\.(?!models\.)/m,
    },
    { text: /could not be deserialized properly/m, confidence: 0.45, unless: /<class 'keras\.src\.(?!models\.)/m },
    { text: /\b(?<name>\w+)\.__init__\(\) missing \d+ required positional argument/m, confidence: 0.85, names: 'own' },
    { text: /(?<!\.)__init__\(\) missing \d+ required positional argument/m, confidence: 0.85 },
    {
      text: /\b(?<name>\w+)\.__init__\(\) got an unexpected keyword argument '(?:name|trainable|dtype|batch_input_shape)'/m,
      confidence: 0.8,
      names: 'own',
    },
    {
      text: /(?<!\.)__init__\(\) got an unexpected keyword argument '(?:name|trainable|dtype|batch_input_shape)'/m,
      confidence: 0.8,
    },
    {
      text: /Unrecognized keyword arguments passed to (?!LSTM|GRU|DepthwiseConv2D|Conv2DTranspose|InputLayer|Embedding|BatchNormalization|Bidirectional)\w+: \{'(?:layers|name|input_layers)/m,
      confidence: 0.85,
    },
    { text: /unorderable types: NoneType/m, confidence: 0.85 },
    { text: /(?:Model subclass|subclass)[^\n]{0,60}(?:another script|fails)/m, confidence: 0.5 },
    { text: /DTypePolicy of head|deserialization failure/m, confidence: 0.5 },
    {
      text: /got an unexpected keyword argument '\w+'/m,
      confidence: 0.3,
      unless: /load_weights\(\)|'(?:ragged|groups|optional|implementation)'/m,
    },
    { text: /Keyword argument not understood/m, confidence: 0.2 },
  ],
  mends: [
    {
      title: 'Add get_config to the class and save again where it still works',
      python: "def get_config(self):\n    return {**super().get_config(), 'units': self.units}",
    },
    {
      title: 'Without that code: run the file here with a definition of the layer',
      command: 'loadstone inspect {artefact} --stubs stubs.ts',
    },
  ],
  sources: ['tf.keras base_layer.py get_config', 'keras 3 keras/src/layers/layer.py get_config'],
});
