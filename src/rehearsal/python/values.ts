/**
 * JSON as Python sees it. Dictionaries, lists and strings are JavaScript's own; a number that Python holds as a float
 * although it is whole (`1.0`) is remembered beside its holder, so that `repr` can print it as Python does.
 */

export type PyDict = { [key: string]: PyValue };
export type PyValue = null | boolean | number | string | PyValue[] | PyDict | PyObject;

/** A Python object that is none of JSON's, as it prints. */
export interface PyObject {
  readonly pyRepr: string;
  readonly pyType: string;
}

export function pyObject(pyRepr: string, pyType: string): PyObject {
  return { pyRepr, pyType };
}

export function isPyObject(value: unknown): value is PyObject {
  return typeof value === 'object' && value !== null && typeof (value as PyObject).pyRepr === 'string';
}

const wholeFloats = new WeakMap<object, Set<string>>();
const tuples = new WeakSet<object>();

export function markFloat(holder: object, key: string | number): void {
  const known = wholeFloats.get(holder);
  if (known) known.add(String(key));
  else wholeFloats.set(holder, new Set([String(key)]));
}

export function isMarkedFloat(holder: object, key: string | number): boolean {
  return wholeFloats.get(holder)?.has(String(key)) ?? false;
}

/** Marks a list as a tuple, for printing. */
export function tuple<T extends PyValue[]>(items: T): T {
  tuples.add(items);
  return items;
}

export function isTuple(value: unknown): boolean {
  return typeof value === 'object' && value !== null && tuples.has(value);
}

/** A shallow copy that keeps what is remembered of the original; `without` leaves keys out. */
export function copyDict(source: PyDict, without: readonly string[] = []): PyDict {
  const copy: PyDict = {};
  for (const [key, value] of Object.entries(source)) if (!without.includes(key)) put(copy, key, value);
  const floats = wholeFloats.get(source);
  if (floats) wholeFloats.set(copy, new Set(floats));
  return copy;
}

/** Sets a key, whatever its name. */
export function put(dict: PyDict, key: string, value: PyValue): void {
  if (key !== '__proto__') dict[key] = value;
  else Object.defineProperty(dict, key, { value, enumerable: true, writable: true, configurable: true });
}

export function isDict(value: unknown): value is PyDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPyObject(value);
}

export function isList(value: unknown): value is PyValue[] {
  return Array.isArray(value);
}

export function has(dict: PyDict, key: string): boolean {
  return Object.hasOwn(dict, key);
}

/** `type(value).__name__`. */
export function typeName(value: PyValue, holder?: object, key?: string): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'float';
    return holder && key !== undefined && isMarkedFloat(holder, key) ? 'float' : 'int';
  }
  if (isPyObject(value)) return value.pyType;
  if (Array.isArray(value)) return isTuple(value) ? 'tuple' : 'list';
  return 'dict';
}

/** Python's truth of a value. */
export function truthy(value: PyValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return isPyObject(value) || typeof value !== 'object' || Object.keys(value).length > 0;
}
