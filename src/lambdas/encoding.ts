/**
 * Functions as Keras stores them in a config (utils/generic_utils.func_dump and its heirs): marshalled code as text
 * (`raw_unicode_escape` up to Keras 2.1.1, base64 since), alone or in a list with defaults and closure, or in a
 * `__lambda__` dictionary; or only a name.
 */

import { type MarshalledCode, readCode } from '../containers/marshal/index.ts';
import { isLoadstoneError, LoadstoneError } from '../findings/errors.ts';
import type { Json } from '../model/types.ts';

export type StoredFunction =
  | {
      readonly kind: 'code';
      readonly read: MarshalledCode;
      /** Values for the last positional arguments, as stored. */
      readonly defaults: readonly Json[];
      /** Values of the free variables, as stored; null where none were. */
      readonly closure: readonly Json[] | null;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'named';
      readonly name: string;
      readonly module: string | null;
      readonly registeredName: string | null;
    }
  | {
      readonly kind: 'unreadable';
      readonly error: LoadstoneError;
      /** What is stored, when it is text for people: no Keras writes source, but forged files hold it. */
      readonly text: string | null;
    };

/** Text above this length is no function: base64 of the largest code that is read. */
const maximumText = 4_000_000;

/** Reads a stored function. `type` is `function_type` of Keras 1 and 2: `lambda`, `function`, or absent. */
export function readStoredFunction(stored: Json | undefined, type?: Json): StoredFunction {
  const { code, defaults = null, closure = null, named } = partsOf(stored, type);
  if (named) return named;
  if (typeof code !== 'string') return { kind: 'unreadable', error: unknownForm(stored), text: null };
  try {
    const { bytes, read } = readText(code);
    return { kind: 'code', read, bytes, defaults: listOf(defaults) ?? [], closure: listOf(closure) };
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return { kind: 'unreadable', error, text: isPlainText(code) ? code : null };
  }
}

/** Printable and with spaces or brackets, which neither base64 nor marshalled code is. */
function isPlainText(text: string): boolean {
  return /^[\t\n\r\x20-\x7e]*$/.test(text) && /[ (]/.test(text.trim()) && text.length < 100_000;
}

interface Parts {
  readonly code?: Json;
  readonly defaults?: Json;
  readonly closure?: Json;
  readonly named?: StoredFunction;
}

function partsOf(stored: Json | undefined, type?: Json): Parts {
  if (typeof stored === 'string') {
    const isName =
      type === 'function' || (type === undefined && /^[A-Za-z_][\w.>]*$/.test(stored) && stored.length < 100);
    return isName ? { named: { kind: 'named', name: stored, module: null, registeredName: null } } : { code: stored };
  }
  const list = listOf(stored ?? null);
  if (list) return { code: list[0] ?? null, defaults: list[1] ?? null, closure: list[2] ?? null };
  if (typeof stored !== 'object' || stored === null) return {};
  const { class_name, config, module, registered_name } = stored as { readonly [key: string]: Json };
  if (class_name === '__lambda__' && typeof config === 'object' && config !== null) return config as Parts;
  const name = typeof config === 'string' ? config : typeof class_name === 'string' ? class_name : null;
  if (name === null) return {};
  const registeredName = typeof registered_name === 'string' ? registered_name : null;
  return { named: { kind: 'named', name, module: typeof module === 'string' ? module : null, registeredName } };
}

/** A JSON list, or the `__tuple__` dictionary that late tf.keras writes for tuples. */
function listOf(value: Json): readonly Json[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  const { class_name, items } = value as { readonly [key: string]: Json };
  return class_name === '__tuple__' && Array.isArray(items) ? items : null;
}

function unknownForm(stored: Json | undefined): LoadstoneError {
  const text = stored === undefined ? 'missing' : JSON.stringify(stored).slice(0, 60);
  return new LoadstoneError('bad-config', `the function of a Lambda is ${text}, which no Keras writes`, {
    do: 'Give what the Lambda computes as a definition of your own under the name of its layer (--custom).',
  });
}

/** Code text in either form; base64 is tried first, as Keras does. */
function readText(text: string): { bytes: Uint8Array; read: MarshalledCode } {
  if (text.length > maximumText) {
    throw new LoadstoneError('limit', `the function of a Lambda is ${text.length} characters long`);
  }
  const decoded = decodeBase64(text);
  if (decoded !== null) {
    try {
      return { bytes: decoded, read: readCode(decoded) };
    } catch (error) {
      if (!isLoadstoneError(error) || text.charCodeAt(0) < 0x80) throw error;
    }
  }
  const bytes = encodeRawUnicodeEscape(text);
  return { bytes, read: readCode(bytes) };
}

/** Bytes of base64 with line breaks; null when the text is none. */
export function decodeBase64(text: string): Uint8Array | null {
  const compact = text.replace(/\s+/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return null;
  try {
    return Uint8Array.from(atob(compact), letter => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** `text.encode('raw_unicode_escape')`: Latin-1 as bytes, everything else as `\uXXXX` or `\UXXXXXXXX`. */
export function encodeRawUnicodeEscape(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x100) {
      bytes.push(code);
      continue;
    }
    const escaped =
      code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    for (const character of escaped) bytes.push(character.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}
