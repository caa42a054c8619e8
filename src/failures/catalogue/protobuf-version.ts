import { defineFailure } from '../define.ts';

export default defineFailure({
  id: 'protobuf-version',
  group: 'machine',
  title: 'protobuf is newer than the TensorFlow that was generated for it',
  why: 'TensorFlow before 2.10 ships generated code that protobuf 4 refuses.',
  signs: [
    { text: /Descriptors cannot (?:not )?be created directly/m, confidence: 0.98 },
    { text: /cannot import name 'builder' from 'google\.protobuf/m, confidence: 0.97 },
    { text: /Couldn't parse file content|_message\.Message.*protobuf/m, confidence: 0.5 },
  ],
  mends: [{ title: 'Pin the protobuf that it was built for', command: "pip install 'protobuf<3.21'" }],
  sources: ['protobuf 4.21 release notes'],
});
