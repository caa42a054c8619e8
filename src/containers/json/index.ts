/** JSON in Python's dialect, read with bounds and with places for evidence. */

export { jsonPointer, locatePointer, type TextRange } from './locate.ts';
export { type JsonOptions, type JsonValue, parseJson } from './parse.ts';
