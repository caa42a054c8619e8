import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lookup-table-preprocessing-state',
  group: 'weights',
  title: 'A vocabulary, scaler or class order was not saved with the model',
  why: 'Lookup layers that were adapted keep their table outside the weights; .h5 files do not hold it at all. Tokenizers and scalers in Python never were in the file.',
  signs: [
    { text: /vocabulary/m, confidence: 0.85, unless: /Unknown layer/m },
    {
      text: /StringLookup|IntegerLookup|TextVectorization/m,
      confidence: 0.5,
      unless: /Unknown layer|Could not locate/m,
    },
    { text: /get_weights gives \[array\(\[\], dtype=object\)\]/m, confidence: 0.95 },
    { text: /(?:in the same session|in a new (?:one|session))/m, confidence: 0.5 },
    { text: /Table not initialized|table is not initialized|FailedPreconditionError[^\n]*[Tt]able/m, confidence: 0.9 },
  ],
  mends: [
    { title: 'See which tables the file holds and lacks', command: 'loadstone inspect {artefact}' },
    {
      title: 'Give the vocabulary to the constructor and save again',
      python: 'keras.layers.StringLookup(vocabulary=words)',
    },
  ],
  sources: ['formats: legacy .h5 of adapted lookups holds no vocabulary'],
});
