import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'input-shape-mismatch-predict',
  group: 'using-the-model',
  title: 'The data does not have the shape that the model takes',
  why: 'An axis is missing or too many, channels stand elsewhere, or sizes differ from those the model was trained on.',
  signs: [
    { text: /Model was constructed with shape [^\n]*called on an input with incompatible shape/m, confidence: 0.92 },
    { text: /Detected at node [^\n]*(?:embedding_lookup|embedding\w*\/Gather|\/Cast\b)/m, confidence: 0.6 },
    { text: /expects \d+ named input\(s\) with keys/m, confidence: 0.85 },
    { text: /Cast string to \w+ is not supported/m, confidence: 0.85 },
    { text: /indices\[[\d, ]*\] = -?\d+ is not in \[0, \d+\)/m, confidence: 0.9 },
    { text: /Dimensions must be equal, but are/m, confidence: 0.7 },
    { text: /Negative dimension size caused by subtracting/m, confidence: 0.7 },
    { text: /expected shape=(?<wanted>\([^)]*\)), found shape=(?<found>[[(][^\])]*[\])])/m, confidence: 0.95 },
    { text: /expected [\w:]+ to have (?:shape|\d+ dimensions)/m, confidence: 0.95 },
    { text: /is incompatible with (?:the )?layer/m, confidence: 0.88 },
    { text: /The model expects \d+\s+(?:input )?arrays?, but only received/m, confidence: 0.95 },
    { text: /expects \d+ input\(s\), but it received \d+ input tensors/m, confidence: 0.6 },
    { text: /expected min_ndim=\d+, found ndim=\d+|expected ndim=\d+, found ndim=\d+/m, confidence: 0.95 },
    { text: /input shape at predict/m, confidence: 0.8 },
    { text: /Data cardinality is ambiguous|Error when checking (?:model )?input/m, confidence: 0.85 },
    { text: /Matrix size-incompatible|Invalid input shape for input/m, confidence: 0.8 },
  ],
  mends: [
    {
      title: 'Say what the model takes and how to bring the data there',
      command: 'loadstone check-input {artefact} in.npy',
    },
    { title: 'A missing channel axis', python: 'x = np.expand_dims(x, -1)' },
    { title: 'A missing batch axis', python: 'x = x[None]' },
  ],
  sources: ['keras input_spec.py assert_input_compatibility'],
});
