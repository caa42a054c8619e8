import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'keras-api-moved',
  group: 'versions',
  title: 'A function of Keras has moved, or is not there yet',
  why: 'The program calls something inside Keras (topology, saving, engine) that another release keeps elsewhere, or a parameter that came or went.',
  signs: [
    {
      text: /module(?:' object| '[\w.]*keras[\w.]*') has no attribute '(?:load_model|save_model|model_from_json)'/m,
      confidence: 0.9,
    },
    {
      text: /has no attribute '(?:predict_classes|predict_proba|(?:fit|predict|evaluate)_generator|_make_predict_function)'/m,
      confidence: 0.93,
    },
    { text: /load_model\(\) got an unexpected keyword argument 'safe_mode'/m, confidence: 0.9 },
    { text: /module 'keras\.\w+(?:\.\w+)*' has no attribute/m, confidence: 0.85 },
    {
      text: /load_weights\(\) got an unexpected keyword argument '(?:by_name|skip_mismatch|exclude)'/m,
      confidence: 0.85,
    },
    {
      text: /cannot import name '?"?(?:saving|topology|network|Layer|InputSpec|np_utils|load_model|multi_gpu_model)/m,
      confidence: 0.8,
    },
    {
      text: /No module named 'keras\.(?:engine|utils|backend|applications|layers|legacy|preprocessing|saving)/m,
      confidence: 0.85,
    },
    { text: /^\s*NotImplementedError\s*$/m, confidence: 0.6 },
    { text: /module 'keras(?:\.\w+)*' has no attribute 'load_weights_from_hdf5_group/m, confidence: 0.97 },
    { text: /load_weights_from_hdf5_group_by_name/m, confidence: 0.5, unless: /shape|axes|KeyError/m },
  ],
  mends: [
    {
      title: 'Use the public function, or the Keras release that the program was written for',
      command: 'loadstone env {artefact} --as pip',
    },
  ],
  sources: ['keras 2.2.0 moved load_weights_from_hdf5_group_by_name from engine.topology to engine.saving'],
});
