import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras2-file-in-keras3',
  group: 'versions',
  title: 'A Keras 2 file is read by Keras 3',
  why: 'Keras 3 removed keywords that every Keras 2 file carries (batch_input_shape, time_major, groups on some layers) and cannot import the modules of Keras 2 that a .keras file names.',
  signs: [
    { text: /(?<name>\w+)\.__init__\(\) got an unexpected keyword argument/m, confidence: 0.55, names: 'keras' },
    { text: /because its parent module keras\.(?!src\.models)[\w.]+ cannot be imported/m, confidence: 0.9 },
    {
      text: /Could not deserialize 'keras\.(?:metrics|losses)\.\w+' because it is not a KerasSaveable/m,
      confidence: 0.88,
    },
    {
      text: /Could not interpret initializer identifier: \{(?:[^\n]*?'class_name': '(?<name>[\w>]+)')?/m,
      confidence: 0.75,
      names: 'keras',
    },
    { text: /missing a `from_config\(\)` method\.[^\n]*'module': 'keras\.optimizers\.legacy'/m, confidence: 0.92 },
    { text: /Invalid value for argument `reduction`[^\n]*reduction=auto/m, confidence: 0.95 },
    { text: /<class 'keras\.src\.[\w.]+'> could not be deserialized properly/m, confidence: 0.6 },
    { text: /Error when deserializing class '(?<name>\w+)' using config=/m, confidence: 0.42, names: 'keras' },
    {
      text: /Kernel shape must have the same length as input, but received kernel of shape \([\d, ]+\) and input of shape \(None, None/m,
      confidence: 0.8,
    },
    { text: /Argument\(s\) not recognized: \{/m, confidence: 0.6 },
    { text: /expected ndim=\d, found ndim=\d\. Full shape received: \(None, None/m, confidence: 0.5 },
    { text: /string indices must be integers, not 'str'/m, confidence: 0.3 },
    { text: /Cannot convert '\(\(None, /m, confidence: 0.7 },
    { text: /Could not locate class '(?<name>\w+)'/m, confidence: 0.7, names: 'keras' },
    {
      text: /Unrecognized keyword arguments passed to \w+: \{[^}]*'(?:groups|time_major|implementation|batch_input_shape|input_length|alpha|weights|input_dtype|batch_shape)'/m,
      confidence: 0.93,
    },
    { text: /parent module (?:tf_)?keras\.src\.engine/m, confidence: 0.96 },
    {
      text: /Unrecognized keyword arguments passed to (?:LSTM|GRU|SimpleRNN|Bidirectional|DepthwiseConv2D|Conv2DTranspose|Embedding|BatchNormalization|InputLayer)/m,
      confidence: 0.85,
    },
    {
      text: /Error when deserializing class '(?:DepthwiseConv2D|LSTM|GRU|Conv2DTranspose|Embedding)'[\s\S]{0,1500}(?:groups|time_major|implementation)/m,
      confidence: 0.9,
    },
    {
      text: /Could not locate class '(?:Sequential|Functional|TFOpLambda|SlicingOpLambda|LocallyConnected\dD|CuDNN\w+)'/m,
      confidence: 0.85,
    },
    { text: /Keras 2(?:\.\d+)*[^\n]{0,60}Keras 3/m, confidence: 0.7 },
    { text: /time_major/m, confidence: 0.6 },
    { text: /Could not locate function '(?:mse|mae|mape|msle|acc)'/m, confidence: 0.8 },
    { text: /Argument\(s\) not recognized: \{'lr'/m, confidence: 0.8 },
    { text: /Unknown layer: '?(?:TFOpLambda|SlicingOpLambda|TensorFlowOpLayer)/m, confidence: 0.75 },
    { text: /Exception encountered: Unrecognized keyword arguments passed to/m, confidence: 0.6 },
    { text: /OrthogonalInitializer|class_name is not|class not found when loading Keras 2/m, confidence: 0.4 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    {
      title: 'Or load it with the old Keras beside the new one: pip install tf-keras, then TF_USE_LEGACY_KERAS=1',
      command: 'loadstone env {artefact} --as pip',
    },
    {
      title: 'Only for prediction: leave out compilation',
      python: "keras.models.load_model('{artefact}', compile=False)",
    },
  ],
  sources: ['keras 3.x keras/src/layers/layer.py: Unrecognized keyword arguments', 'keras-team/keras#20750, #19441'],
});
