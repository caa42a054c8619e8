/**
 * What surrounds one reading of a function: the operations it is traced on, the Keras that it was made for, and the
 * budget that keeps a hostile function from going on for ever.
 */

import type { Ops } from '../../ops/index.ts';
import { refuse } from './refuse.ts';
import type { ReferenceValue, Value } from './values.ts';

/** Instructions that one call of a Lambda may take; unrolled loops of real lambdas take thousands. */
export const maximumSteps = 200_000;
/** Functions inside functions. */
export const maximumCallDepth = 40;
/** Elements of one list or range. */
export const maximumItems = 100_000;

/** The Keras and backend in which the function was meant to run, as far as they change what names mean. */
export interface LambdaEra {
  readonly line: 'keras1' | 'keras2' | 'tf.keras' | 'keras3' | 'tf_keras' | null;
  /** Keras's version such as `2.2.4`; null where unknown. */
  readonly keras: string | null;
  readonly backend: 'tensorflow' | 'theano' | 'cntk' | 'jax' | 'torch' | 'numpy' | string | null;
  /** 1 or 2; null where unknown (then 2 is taken, save for Keras 1 and 2 on their own). */
  readonly tensorflow: 1 | 2 | null;
}

/** A name of the training script that the user defines: a value, or what it stands for. */
export type ScriptNames = ReadonlyMap<string, Value>;

export interface Session {
  readonly ops: Ops;
  readonly era: LambdaEra;
  /** What the global name means, or a refusal. */
  resolve(name: string): Value;
  /** Calls any value. */
  call(callee: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value;
  /** Calls what the allow-list lacks (layers made inside the function); null when it cannot either. */
  callOther?(callee: ReferenceValue, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | null;
  /** Takes `steps` off the budget; refuses when it is spent. */
  spend(steps: number): void;
  depth: number;
}

/**
 * TensorFlow's major version where it decides what a function does. Refuses where the file does not tell it: Keras
 * 2.2.4-tf and 2.3 were used with both.
 */
export function tensorflowMajor({ era }: Session, what: string): 1 | 2 {
  if (era.tensorflow !== null) return era.tensorflow;
  const either = era.line === 'keras2' || era.line === 'tf.keras';
  return either
    ? refuse(`${what}, which TensorFlow 1 and 2 compute differently, and the file does not tell which it was,`)
    : 2;
}

/** A counter of steps that refuses at `maximumSteps`. */
export function stepBudget(): (steps: number) => void {
  let spent = 0;
  return steps => {
    spent += steps;
    if (spent > maximumSteps)
      refuse(`more than ${maximumSteps} steps: a loop that does not end, or work for no network`);
  };
}
