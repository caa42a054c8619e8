import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'silent-wrong-predictions',
  group: 'weights',
  title: 'It loads without an error and gives other numbers',
  why: 'Nothing complains, yet the numbers are not those of the training: a release changed what a word means, kernels lie the other way round, weights were matched to nothing, preprocessing was left out, or code of the same name is not the same.',
  signs: [
    { text: /no exception[^\n]*(?:predict|outputs?|weights|dimension|class|image)/m, confidence: 0.6 },
    {
      text: /predicts? \S+ for every|predictions? (?:are |is )?(?:differ|wrong|random|all the same)/m,
      confidence: 0.8,
    },
    {
      text: /(?:different|wrong|other|random) (?:predictions?|results?|outputs?)[^\n]{0,40}(?:load|sav|restor)/m,
      confidence: 0.8,
    },
    { text: /weights differ/m, confidence: 0.7 },
    { text: /accuracy[^\n]*(?:before|new session|after load)/m, confidence: 0.3 },
    { text: /(?:nan|NaN|inf)[^\n]{0,40}(?:predict|output|loss)/m, confidence: 0.4 },
  ],
  mends: [
    {
      title: 'Where the release computes otherwise, write a copy that computes the same there',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
    {
      title: 'Compare with outputs recorded when it worked',
      command: 'loadstone run {artefact} --input in.npz --output out.npz',
    },
    { title: 'See what preprocessing the model holds', command: 'loadstone inspect {artefact}' },
  ],
  sources: ['keras-team/keras#4875, #14231'],
});
