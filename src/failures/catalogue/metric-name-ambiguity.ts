import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'metric-name-ambiguity',
  group: 'weights',
  title: "Only the reported metric differs: 'accuracy' was bound anew",
  why: "TF 2.0 to 2.3 save the word 'accuracy' and guess its meaning again on loading, where a sparse loss makes them guess wrongly. The predictions are right.",
  signs: [
    { text: /loss (?:is |stays )?(?:unchanged|the same|equal)/m, confidence: 0.9 },
    { text: /accuracy[^\n]*(?:becomes|differs|restored|drops|after load)/m, confidence: 0.55 },
    { text: /restored accuracy/m, confidence: 0.7 },
    { text: /metrics?[^\n]{0,40}(?:differ|wrong)[^\n]{0,40}(?:load|evaluat)/m, confidence: 0.6 },
  ],
  mends: [
    {
      title: 'Compile again after loading, with the metric meant',
      python: "model.compile(loss=model.loss, metrics=['sparse_categorical_accuracy'])",
    },
  ],
  sources: ['tf.keras training.py in TF 2.0 to 2.3'],
});
