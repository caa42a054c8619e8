/**
 * From each Python's instructions to the common set (`instructions.ts`). The translation of every opcode is a row of a
 * table (`translations.ts`); here instructions are strung together and jumps become indexes. The arguments' meanings
 * are those of `Python/ceval.c`, from 3.12 `Python/bytecodes.c`, of each release.
 */

import type { CodeObject, PythonVersion } from '../containers/marshal/index.ts';
import { atLeast, decodeBytecode, misfit, type RawInstruction } from './bytecode.ts';
import type { Instruction, Program, Step } from './instructions.ts';
import { translations } from './translations.ts';

/** What a translation can ask. */
export interface Translating {
  readonly code: CodeObject;
  readonly python: PythonVersion;
  readonly instruction: RawInstruction;
  /** The instruction before, PRECALL left out. */
  readonly previous: RawInstruction | undefined;
}

/** Brings a function body to the common instruction set. Throws `LoadstoneError` when it is no code of `python`. */
export function normalise(code: CodeObject, python: PythonVersion): Program {
  const raw = decodeBytecode(code, python);
  const positions = new Map<number, number>();
  const steps: (Step & { offset: number })[] = [];
  raw.forEach((instruction, index) => {
    positions.set(instruction.offset, steps.length);
    const translated = translate({ code, python, instruction, previous: before(raw, index) });
    for (const step of translated) steps.push({ ...step, offset: instruction.offset });
  });
  const loopEnds = endsOfLoops(raw, python);
  const instructions = steps.map(step => withIndexedTarget(step, positions, loopEnds));
  const last = instructions.at(-1);
  if (!last || !['return', 'jump', 'raise', 'unsupported'].includes(last.op)) {
    throw misfit(python, 'it ends without returning', code.code.length);
  }
  return { python, instructions };
}

function before(raw: readonly RawInstruction[], index: number): RawInstruction | undefined {
  const previous = raw[index - 1];
  return previous?.name === 'PRECALL' ? raw[index - 2] : previous;
}

function translate(translating: Translating): Step[] {
  const { name } = translating.instruction;
  const translation = translations[name];
  if (!translation) return [{ op: 'unsupported', opcode: name, what: describeUnsupported(name) }];
  return translation(translating);
}

function describeUnsupported(opcode: string): string {
  if (/EXC|FINALLY|SETUP_EXCEPT|RERAISE/.test(opcode)) return 'try … except';
  if (/WITH/.test(opcode)) return 'a with statement';
  if (/AWAIT|ASYNC|AITER|ANEXT|SEND|YIELD_FROM/.test(opcode)) return 'asynchronous code';
  if (/^MATCH|GET_LEN/.test(opcode)) return 'a match statement';
  if (/^PRINT/.test(opcode)) return 'a print statement';
  if (/^(STORE|DELETE)_(ATTR|GLOBAL|NAME)/.test(opcode)) return 'a change of an attribute or a global';
  if (/CLASS/.test(opcode)) return 'a class definition';
  return `the instruction ${opcode}`;
}

function withIndexedTarget(
  step: Instruction,
  positions: ReadonlyMap<number, number>,
  loopEnds: ReadonlyMap<number, number>,
): Instruction {
  if (!('target' in step)) return step;
  const offset = step.op === 'next' ? (loopEnds.get(step.target) ?? step.target) : step.target;
  const target = positions.get(offset);
  if (target === undefined) throw new RangeError(`jump to byte ${offset}, which decodeBytecode must refuse`);
  return { ...step, target };
}

/**
 * From 3.12 a loop ends on END_FOR (3.13 and 3.14: and one more instruction) that drops the iterator; ours is dropped
 * by `next`, which therefore jumps behind them.
 */
function endsOfLoops(raw: readonly RawInstruction[], python: PythonVersion): Map<number, number> {
  const ends = new Map<number, number>();
  raw.forEach((instruction, index) => {
    if (instruction.name !== 'END_FOR') return;
    const behind = raw[index + (atLeast(python, '3.13') ? 2 : 1)];
    if (behind) ends.set(instruction.offset, behind.offset);
  });
  return ends;
}
