/**
 * Whether bytes can be a message, without decoding it: every tag, length and nested message is walked, nothing is kept.
 * Some thirty times as fast as decoding, for graphs of which little is needed and all should be whole. It is written
 * for a process that has just started: few calls, no allocation.
 */

import { LoadstoneError } from '../../findings/errors.ts';
import type { DecodeOptions } from './decode.ts';
import type { Message } from './schema.ts';

/** Throws `damaged` naming the offset where the bytes cannot be this message. */
export function checkMessage<T>(message: Message<T>, bytes: Uint8Array, options: DecodeOptions = {}): void {
  const walk: Walk = { bytes, position: 0, deepest: options.maxDepth ?? 100, why: null };
  if (walkMessage(stepsOf(message), walk, bytes.length, 0)) return;
  const offset = (options.offset ?? 0) + Math.min(walk.position, bytes.length);
  throw new LoadstoneError('damaged', `These bytes are no valid ${message.name} message: ${walk.why}`, {
    where: options.where ? `${options.where}, byte ${offset}` : `byte ${offset}`,
    offset,
    do: 'The file is damaged or cut short: take it again from where it came.',
  });
}

interface Walk {
  readonly bytes: Uint8Array;
  position: number;
  readonly deepest: number;
  /** What is wrong, once something is. */
  why: string | null;
}

/** For each field number that holds messages, what to walk them by. */
type Steps = readonly (Next | undefined)[];

interface Next {
  /** Found when first needed: messages may hold themselves. */
  steps: Steps | null;
  readonly find: () => Steps;
}

const known = new WeakMap<Message<unknown>, Steps>();

function stepsOf(message: Message<unknown>): Steps {
  const before = known.get(message);
  if (before) return before;
  const steps: (Next | undefined)[] = [];
  for (const { number, type, cardinality } of message.fields) {
    if (typeof type === 'string') continue;
    const find = () => stepsOf(type());
    // An entry of a map: key in field 1, the message in field 2.
    const entry = (): Steps => [undefined, undefined, { steps: null, find }];
    steps[number] = { steps: null, find: cardinality === 'map' ? entry : find };
  }
  known.set(message, steps);
  return steps;
}

/** A varint of at most ten bytes; -1 where it does not end in time. Exact up to 2^53, which lengths never pass. */
function longVarint(walk: Walk): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count++) {
    const byte = walk.bytes[walk.position++];
    if (byte === undefined) return -1;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  return -1;
}

/** True where all up to `end` is whole; else `why` says what is not, and the position where. */
function walkMessage(steps: Steps, walk: Walk, end: number, depth: number): boolean {
  if (depth > walk.deepest) return stop(walk, `messages nested more than ${walk.deepest} deep`);
  const { bytes } = walk;
  while (walk.position < end) {
    const short = bytes[walk.position]!;
    const tag = short < 128 ? short : longVarint(walk);
    if (short < 128) walk.position++;
    if (tag < 8 || tag > 0xffffffff) return stop(walk, `illegal tag ${tag}`);
    const wire = tag & 7;
    if (wire === 2) {
      const first = bytes[walk.position] ?? 128;
      const length = first < 128 ? first : longVarint(walk);
      if (first < 128) walk.position++;
      const after = walk.position + length;
      if (length < 0 || after > end) return stop(walk, 'its length runs past the end');
      const next = steps[tag >>> 3];
      if (next === undefined) walk.position = after;
      else if (!walkMessage((next.steps ??= next.find()), walk, after, depth + 1)) return false;
    } else if (wire === 0) {
      if (longVarint(walk) < 0) return stop(walk, 'a number does not end');
    } else if (wire === 1) walk.position += 8;
    else if (wire === 5) walk.position += 4;
    else return stop(walk, `cant skip wire type ${wire}`);
    if (walk.position > end) return stop(walk, `field ${tag >>> 3} runs past its end`);
  }
  return true;
}

function stop(walk: Walk, why: string): false {
  walk.why = why;
  return false;
}
