import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'multiprocessing-session-graph',
  group: 'machine',
  title: 'The model belongs to the TensorFlow 1 graph or session of another thread',
  why: 'Under TensorFlow 1 each thread has its own default graph. A web server loads in one and predicts in another.',
  signs: [
    { text: /'_thread\._local' object has no attribute 'value'/m, confidence: 0.92 },
    { text: /is not an element of this graph/m, confidence: 0.97 },
    { text: /Error while reading resource variable[^\n]*Container: localhost/m, confidence: 0.95 },
    { text: /Cannot interpret feed_dict key as Tensor/m, confidence: 0.85 },
    { text: /Tensor [^\n]* must be from the same graph/m, confidence: 0.85 },
  ],
  mends: [
    {
      title: 'Keep graph and session with the model',
      python:
        'graph = tf.get_default_graph()\nsession = K.get_session()\nwith graph.as_default(), session.as_default():\n    model.predict(x)',
    },
    { title: 'Or predict here, where there is no graph', command: 'loadstone run {artefact} --input in.npy' },
  ],
  sources: ['keras-team/keras#2397'],
});
