import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'architecture-mismatch-shape',
  group: 'weights',
  title: 'A layer has another shape than its weights in the file',
  why: 'Usually the number of classes or units differs: the code was changed after the weights were saved, or they are of another model.',
  signs: [
    { text: /\w+(?:\(reset_after=\w+\))? is not compatible with \w+\(reset_after=\w+\)/m, confidence: 0.85 },
    { text: /Layer shape \([^)]*\) not compatible with weight shape/m, confidence: 0.9 },
    {
      text: /Layer weight shape \(\d+(?:, \d+)?,?\) not compatible with provided weight shape \(\d+(?:, \d+)?,?\)/m,
      confidence: 0.88,
    },
    { text: /Invalid bias shape: \(/m, confidence: 0.85 },
    {
      text: /Received incompatible tensor with shape \([\d, ]*\) when attempting to restore variable/m,
      confidence: 0.92,
    },
    { text: /expected axis -1 of input shape to have value \d+/m, confidence: 0.3 },
    { text: /could not convert string to float/m, confidence: 0.5 },
    { text: /has shape (?<wanted>\([^)]*\)), but the saved weight has shape (?<stored>\([^)]*\))/m, confidence: 0.72 },
    { text: /Shape mismatch in layer #\d+/m, confidence: 0.72, unless: /stem_conv/m },
    { text: /Shape mismatch in layer #\d+ \(named stem_conv\)/m, confidence: 0.2 },
    {
      text: /Dimension \d+ in both shapes must be equal, but are \d+ and \d+/m,
      confidence: 0.72,
      unless: /merge_\d+_\d+/m,
    },
    { text: /Shapes \([^)]*\) and \([^)]*\) (?:are incompatible|must have the same rank)/m, confidence: 0.6 },
    { text: /A total of \d+ objects? could not be loaded[\s\S]*shape/m, confidence: 0.5 },
    { text: /Layer weight shape \([^)]*\) not compatible/m, confidence: 0.1 },
    {
      text: /The shape of the target variable and the shape of the target value in `?variable\.assign/m,
      confidence: 0.85,
    },
    { text: /cannot be assigned|Cannot assign (?:to variable|value)/m, confidence: 0.6 },
  ],
  mends: [
    { title: 'Compare layer by layer', command: 'loadstone doctor {artefact} --architecture {architecture}' },
    { title: 'Carry over what fits', command: 'loadstone transfer {artefact} {architecture} -o fitted.h5' },
    {
      title: 'Load by name and leave out what does not fit',
      python: "model.load_weights('{artefact}', by_name=True, skip_mismatch=True)",
    },
  ],
  sources: ['keras 2.x keras/engine/saving.py preprocess_weights_for_loading'],
});
