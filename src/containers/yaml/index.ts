/**
 * YAML as PyYAML wrote it: a tree of plain values with sorted keys, tuples tagged `!!python/tuple`, and now and then a
 * Python object as the call that would make it again. Nothing is called here: whoever reads gives a table of names
 * whose arguments are the value (a wrapped list, a NumPy number); any other call is refused with its place.
 */

import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { LoadstoneError } from '../../findings/errors.ts';
import type { JsonValue } from '../json/parse.ts';

/** What a call's arguments stand for; undefined where they do not fit. */
export type YamlConstructor = (values: readonly YamlValue[]) => YamlValue | undefined;

/** JSON, and the bytes of `!!binary`. */
export type YamlValue = JsonValue | Uint8Array | YamlValue[] | { [key: string]: YamlValue };

export interface YamlOptions {
  /** What the text is called in errors. */
  name?: string;
  /** By the last part of the Python name: `ListWrapper`, `scalar`. */
  constructors?: { readonly [name: string]: YamlConstructor };
}

/** Nodes visited, aliases included: anchors stand for shared lists; a hundredfold expansion is an attack. */
const maxNodes = 2_000_000;
const maxDepth = 256;

interface Walk {
  /** Nodes by their anchors, as far as the walk has come. */
  readonly anchors: Map<string, unknown>;
  readonly name: string;
  readonly constructors: { readonly [name: string]: YamlConstructor };
  visited: number;
}

/** Reads one YAML document as plain values. Throws `bad-config` with the offset of what does not fit. */
export function parseYaml(text: string, options: YamlOptions = {}): JsonValue {
  const name = options.name ?? 'YAML';
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent', uniqueKeys: false });
  const problem = document.errors[0];
  if (problem) throw refusal(name, problem.pos[0], problem.message.split('\n')[0] ?? 'it cannot be parsed');
  const walk: Walk = { anchors: new Map(), name, constructors: options.constructors ?? {}, visited: 0 };
  return plain(walk, document.contents, 0) as JsonValue;
}

const plainTag =
  /^tag:yaml\.org,2002:(?:python\/(?:tuple|list|dict|unicode|str|int|long|float|bool|none)|seq|map|str|int|float|bool|null|binary)$/;
const callTag = /^tag:yaml\.org,2002:python\/(?:object\/(?:apply|new)|name):(.+)$/;

function plain(walk: Walk, node: unknown, depth: number): YamlValue {
  walk.visited += 1;
  const offset = (node as Node | null)?.range?.[0] ?? 0;
  if (depth > maxDepth) throw refusal(walk.name, offset, 'it is nested too deeply');
  if (walk.visited > maxNodes) throw refusal(walk.name, offset, 'its anchors expand beyond measure');
  if (isAlias(node)) return plain(walk, walk.anchors.get(node.source) ?? null, depth + 1);
  const anchor = (node as { anchor?: string } | null)?.anchor;
  if (anchor !== undefined) walk.anchors.set(anchor, node);
  const tag = (node as Node | null)?.tag;
  const call = tag ? callTag.exec(tag) : null;
  if (call) return constructed(walk, call[1]!, node as Node, depth);
  if (tag && !plainTag.test(tag)) throw refusal(walk.name, offset, `the tag "${tag}" is not known`);
  return untagged(walk, node, depth);
}

function untagged(walk: Walk, node: unknown, depth: number): YamlValue {
  if (isSeq(node)) return node.items.map(item => plain(walk, item, depth + 1));
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => [keyText(key), plain(walk, value, depth + 1)] as const);
    return Object.fromEntries(entries);
  }
  return isScalar(node) ? (node.value as YamlValue) : null;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** `!!python/object/apply:module.Name` over `[arguments]` or `{args: [arguments], state: …}`. */
function constructed(walk: Walk, path: string, node: Node, depth: number): YamlValue {
  const stored = untagged(walk, node, depth);
  const values = Array.isArray(stored) ? stored : ((stored as { args?: YamlValue[] } | null)?.args ?? [stored]);
  const construct = walk.constructors[path.slice(path.lastIndexOf('.') + 1)];
  const value = construct?.(values as YamlValue[]);
  if (value !== undefined) return value;
  throw refusal(walk.name, node.range?.[0] ?? 0, `it would run Python's "${path}", which is never done`);
}

function refusal(name: string, offset: number, what: string): LoadstoneError {
  return new LoadstoneError('bad-config', `${name} is not YAML that can be read: ${what}`, {
    where: `${name}, character ${offset}`,
    offset,
    do: 'Correct the text there, or take another copy of the artefact.',
  });
}
