import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'mixed-precision-policy',
  group: 'versions',
  title: 'A dtype policy in the file is not understood, or another one is in force',
  why: 'Layers saved under mixed_float16 name a Policy object; a traced function is bound to the float type that was in force.',
  signs: [
    { text: /No common supertype of TensorSpec[^\n]*float(?:16|32)[^\n]*float(?:16|32)/m, confidence: 0.9 },
    { text: /unhashable type: 'dict'/m, confidence: 0.4 },
    {
      text: /Could not locate class 'Policy'|Unknown layer: '?Policy|class 'PolicyV1'|LossScaleOptimizer/m,
      confidence: 0.85,
    },
    { text: /'str' object has no attribute 'quantization_mode'/m, confidence: 0.8 },
    { text: /mixed_float16|mixed_bfloat16/m, confidence: 0.6 },
    {
      text: /input_signature[\s\S]{0,600}(?:float16[\s\S]{0,600}float32|float32[\s\S]{0,600}float16)|(?:float16)[\s\S]{0,400}input_signature/m,
      confidence: 0.8,
    },
    { text: /No common supertype of TensorSpec\([^)]*float(?:32|16)/m, confidence: 0.9 },
  ],
  mends: [
    { title: 'Write a copy that loads there', command: 'loadstone mend {artefact} --for {environment} -o {fixed}' },
    {
      title: 'Or set the policy that the model was saved under',
      python: "keras.mixed_precision.set_global_policy('mixed_float16')",
    },
  ],
  sources: ['tf.keras mixed_precision/policy.py, TF 2.1 to 2.15'],
});
