import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'custom-object-missing',
  group: 'code-not-in-file',
  title: 'A class or function of the author is needed that this program does not have',
  why: 'The file stores the name {name} and its arguments, not its code. The loader must be given the class or function, or do without it.',
  signs: [
    { text: /Argument `cell` should have a `call` method[^\n]*cell=(?<name>\w+)/m, confidence: 0.85 },
    { text: /Cannot convert '(?<name>[A-Z]\w+)' to EagerTensor/m, confidence: 0.8, names: 'own' },
    {
      text: /Op type not registered '(?:\w+>\w+|SimpleML\w+|Sentencepiece\w*|Wordpiece\w*|NormalizeUTF8\w*|CaseFoldUTF8|RegexSplit\w*|MLC\w+)'/m,
      confidence: 0.9,
    },
    { text: /\bname '(?<name>[A-Z]\w+)' is not defined/m, confidence: 0.7, names: 'own' },
    {
      text: /^\W*(?:\w+Error: )?Unknown (?:layer|loss|metric|activation|optimizer|regularizer|initializer|constraint)(?: function)?\W*$/m,
      confidence: 0.8,
    },
    { text: /\bcustom_objects\b|custom_object_scope|register_keras_serializable/m, confidence: 0.4 },
    { text: /Unknown decay: ?(?<name>\w+)/m, confidence: 0.85 },
    { text: /'str' object is not callable/m, confidence: 0.4 },
    { text: /'activation': '(?<name>\w+)'/m, confidence: 0.5, names: 'own' },
    { text: /'class_name': 'function', 'config': '(?<name>\w+)'/m, confidence: 0.5, names: 'own' },
    { text: /Invalid (?:activation function|objective|metric): (?<name>\w+)/m, confidence: 0.85 },
    { text: /Cannot deserialize object of type `(?<name>\w+)`/m, confidence: 0.9 },
    {
      text: /added layer must be an instance of class Layer\. Received: layer=(?<name>\w+) of type <class 'str'>/m,
      confidence: 0.9,
    },
    { text: /Cannot call custom layer (?<name>\S+) of type/m, confidence: 0.9 },
    { text: /Could not interpret activation function identifier: (?<name>\w+)/m, confidence: 0.85 },
    { text: /Unknown loss function: ?<lambda>/m, confidence: 0.8 },
    {
      text: /Unknown layer:\s*'?"?(?<name>(?!Functional\b|name\b|layers\b|TFOpLambda\b)\w[\w>]*)/m,
      confidence: 0.86,
      unless:
        /TensorFlow\.js|may be due to one of the following|promise|Unknown layer:\s*'?(?:Convolution[123]D|Merge|MaxoutDense|Policy|RandomFlip)\b/m,
    },
    {
      text: /Unknown (?:loss|metric|activation|regularizer|initializer|constraint) ?(?:function)?:\s*'?"?(?<name>\w+)/m,
      confidence: 0.88,
      unless: /GlorotUniform|Unknown (?:initializer|regularizer|constraint): \{/m,
    },
    { text: /Unknown optimizer:\s*'?"?(?<name>\w[\w>]*)/m, confidence: 0.88, names: 'own' },
    {
      text: /Could not locate (?:class|function) '(?<name>(?!Sequential|Functional|TFOpLambda|SlicingOpLambda|Policy|LocallyConnected|CuDNN|mse'|mae'|mape'|msle')[^']+)'/m,
      confidence: 0.94,
      names: 'own',
    },
    {
      text: /Could not interpret (?:activation|loss|metric|optimizer|initializer|regularizer)[^\n]*identifier:?\s*(?<name>\w+)/m,
      confidence: 0.75,
    },
    {
      text: /Could not interpret (?:initializer|regularizer|constraint) identifier: \{[^\n]*?'class_name': '(?<name>[\w>]+)'/m,
      confidence: 0.88,
      names: 'own',
    },
    { text: /custom type is not supported/m, confidence: 0.8 },
    { text: /name '(?<name>\w+)' is not defined[\s\S]{0,200}custom_objects/m, confidence: 0.5 },
    {
      text: /Make sure custom classes are decorated/m,
      confidence: 0.3,
      unless: /'(?:Sequential|Functional|TFOpLambda)'/m,
    },
    {
      text: /Could not deserialize class '(?<name>\w+)' because its parent module (?!(?:tf_)?keras)/m,
      confidence: 0.9,
    },
  ],
  mends: [
    {
      title: 'Write stubs of every custom object that it needs at once, to fill in and import before loading',
      command: 'loadstone inspect {artefact} --stubs stubs.py',
    },
    {
      title: 'Give the class or function to the loader',
      python: "keras.models.load_model('{artefact}', custom_objects={{entry}})",
    },
    {
      title: 'Where only training needs it, predict without',
      python: "keras.models.load_model('{artefact}', compile=False)",
    },
  ],
  sources: [
    'keras/utils/generic_utils.py deserialize_keras_object (2.x)',
    'keras/src/saving/serialization_lib.py (3.x)',
  ],
});
