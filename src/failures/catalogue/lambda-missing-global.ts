import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'lambda-missing-global',
  group: 'code-not-in-file',
  title: 'A Lambda layer uses a name of the script that made it',
  why: "The code was stored without its surroundings: names such as K, tf or own functions are looked up in Keras's modules, where they are missing or something else.",
  signs: [
    { text: /NameError: (?:global )?name '(?<name>\w+)' is not defined/m, confidence: 0.75 },
    { text: /\(type Lambda\)[\s\S]{0,300}name '(?<name>\w+)' is not defined/m, confidence: 0.96 },
    { text: /\(type Lambda\)/m, confidence: 0.78, unless: /automatically infer/m },
    { text: /name '(?:K|tf|keras|np|backend|T)' is not defined/m, confidence: 0.93 },
    { text: /Exception encountered when calling Lambda\.call/m, confidence: 0.5, unless: /automatically infer/m },
  ],
  mends: [
    { title: 'See what the function does and which names it needs', command: 'loadstone inspect {artefact} --lambda' },
    {
      title: 'Give the names to the loader',
      python: "keras.models.load_model('{artefact}', custom_objects={{entry}})",
    },
    {
      title: 'Or write a copy whose Lambda is a plain layer',
      command: 'loadstone mend {artefact} --for {environment} -o {fixed}',
    },
  ],
  sources: ['keras/layers/core/lambda_layer.py from_config'],
});
