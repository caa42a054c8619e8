import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'weights-order-or-name-mismatch',
  group: 'weights',
  title: 'The right layers, under other names or in another order',
  why: 'By order, weights meet the wrong layer; by name, they meet none. Renamed layers, other creation order, or a file rewritten by a tool.',
  signs: [
    { text: /Provided weight data has no target variable|\d+ of \d+ weights are not set/m, confidence: 0.85 },
    { text: /attributes which were not restored|Nothing except the root object matched/m, confidence: 0.6 },
    { text: /Weight count mismatch for layer #/m, confidence: 0.6 },
    { text: /Unable to create group \(no write intent/m, confidence: 0.6 },
    { text: /axes don't match array/m, confidence: 0.85 },
    { text: /expects (?<wanted>\d+) weight\(s\), but the saved weights have (?<stored>\d+)/m, confidence: 0.85 },
    { text: /was found to correspond to layer [^\n]* in the save file/m, confidence: 0.88 },
    { text: /KeyError: ['"]*(?:Unable to (?:synchronously )?open object|Can't open object)/m, confidence: 0.75 },
    { text: /object '[^']+' doesn't exist/m, confidence: 0.75 },
    {
      text: /has shape \(\d+, \d+, \d+, \d+\), but the saved weight has shape \((?<a>\d+), \d+, \d+, \d+\)/m,
      confidence: 0.5,
    },
    { text: /loading [^\n]* from preset/m, confidence: 0.7 },
    { text: /expects \d+ weights, but the/m, confidence: 0.85 },
  ],
  mends: [
    {
      title: 'Compare layer by layer, by order and by name',
      command: 'loadstone doctor {artefact} --architecture {architecture}',
    },
    { title: 'Carry over what fits', command: 'loadstone transfer {artefact} {architecture} -o fitted.h5' },
  ],
  sources: ['keras 2.x keras/engine/saving.py load_weights_from_hdf5_group_by_name'],
});
