/** Protobuf in one import: definitions (`schema.ts`), reading (`decode.ts`), checking (`check.ts`), writing (`encode.ts`). */

export { checkMessage } from './check.ts';
export { type DecodeOptions, decode } from './decode.ts';
export { type Draft, encode } from './encode.ts';
export { defineMessage, field, type Message, map, optional, repeated } from './schema.ts';
