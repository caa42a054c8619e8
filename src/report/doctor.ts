/** What the doctor foresees, as people read it: the cause first, what to do, then the evidence; or a matrix. */

import { failureOf } from '../failures/catalogue/index.ts';
import type { Mend } from '../failures/define.ts';
import { reasonOf } from '../failures/mends-for.ts';
import type { Environment } from '../rehearsal/environments/index.ts';
import { byAge } from '../rehearsal/suitable.ts';
import type { Mode, Outcome, Rehearsal } from '../rehearsal/types.ts';
import { mendLines } from './explanation.ts';

const verdicts: Readonly<Record<Outcome, string>> = {
  loads: 'loads',
  'loads-but-differs': 'loads, but computes something else',
  fails: 'does not load',
  hangs: 'never ends loading',
};

/** `mends` are those of the first. */
export function doctorText(artefact: string, rehearsals: readonly Rehearsal[], mends: readonly Mend[]): string {
  const [first, ...others] = rehearsals;
  if (!first) return '';
  const lines = [...detail(artefact, first, mends)];
  if (others.length > 0) lines.push('', 'Elsewhere:');
  const width = Math.max(0, ...others.map(({ environment }) => describeEnvironment(environment).length));
  for (const other of others) lines.push(`  ${describeEnvironment(other.environment).padEnd(width)}  ${brief(other)}`);
  return lines.join('\n');
}

/** One environment: verdict and cause, mends, what the loader says, the evidence, what else stands in the way. */
function detail(artefact: string, rehearsal: Rehearsal, mends: readonly Mend[]): string[] {
  const { environment, outcome, failure, exception, stage, evidence, obstacles } = rehearsal;
  const known = failure === null ? undefined : failureOf(failure);
  const verdict = stage === 'predict' ? 'loads, but predict does not take the input' : verdicts[outcome];
  const lines = [`${artefact} ${verdict} in ${describeEnvironment(environment)}${modeText(rehearsal.mode)}.`];
  if (failure) lines.push('', known ? `  ${known.title}   [${failure}]` : `  [${failure}]`);
  for (const { text, where } of evidence.slice(0, 3))
    lines.push(`  Seen: ${text}${where && where !== artefact ? ` (${where})` : ''}`);
  if (known) lines.push(`  ${reasonOf(known, rehearsal)}`);
  if (mends.length > 0) lines.push('', ...mendLines(mends.slice(0, 4)));
  if (exception) lines.push('', `  It says (${stage}): ${exception.type}: ${shorten(exception.message)}`);
  const later = obstacles.slice(1).filter(({ kind }) => kind !== 'remark');
  if (later.length > 0)
    lines.push(
      '',
      `  Were that mended, ${later.length === 1 ? 'one more thing stands' : `${later.length} more things stand`} in the way:`,
    );
  for (const { exception: next, failure: why } of later.slice(0, 6)) {
    lines.push(
      `    ${next ? `${next.type}: ${shorten(next.message, 100)}` : (why ?? 'it differs')}${why ? `   [${why}]` : ''}`,
    );
  }
  return lines;
}

function modeText(mode: Mode): string {
  const words: Readonly<Record<Mode, string>> = {
    default: '',
    nocompile: ' with compile=False',
    custom: ' with compile=False and every custom object given',
    unsafe: ' with safe_mode=False',
    weights: ' by load_weights',
    json: ' by model_from_json',
  };
  return words[mode];
}

function brief({ outcome, failure }: Rehearsal): string {
  return failure ? `${verdicts[outcome]}   [${failure}]` : verdicts[outcome];
}

export function describeEnvironment({ line, keras, tensorflow, backend }: Environment): string {
  if (line === 'tf.keras') return `TensorFlow ${tensorflow}`;
  const name = line === 'tf_keras' ? `tf-keras ${keras}` : `Keras ${keras}`;
  if (tensorflow && backend === 'tensorflow') return `${name} on TensorFlow ${tensorflow}`;
  return `${name} on ${backend}`;
}

const marks: Readonly<Record<Outcome, string>> = {
  loads: 'yes',
  'loads-but-differs': 'DIFFERS',
  fails: 'no',
  hangs: 'HANGS',
};

/** Rows are environments by age, columns modes; the last column is the cause under plain load_model. */
export function matrixText(artefact: string, rows: readonly (readonly Rehearsal[])[]): string {
  const sorted = rows
    .flatMap(row => (row[0] ? [{ row, first: row[0] }] : []))
    .sort((left, right) => byAge(left.first.environment, right.first.environment));
  const labels = sorted.map(({ first }) => describeEnvironment(first.environment));
  const named = sorted.map(({ first }, index) => {
    const again = labels.indexOf(labels[index]!) !== labels.lastIndexOf(labels[index]!);
    return again ? `${labels[index]}, h5py ${first.environment.h5py}` : labels[index]!;
  });
  const width = Math.max(...named.map(({ length }) => length));
  const modes = sorted[0]?.row.map(({ mode }) => columns[mode]) ?? [];
  const head = `${''.padEnd(width)}  ${modes.map(mode => mode.padEnd(15)).join('')}cause`;
  const lines = sorted.map(({ row, first }, index) => {
    const cells = row.map(({ outcome }) => marks[outcome].padEnd(15)).join('');
    return `${named[index]!.padEnd(width)}  ${cells}${first.failure ?? ''}`.trimEnd();
  });
  return [`Would load_model take ${artefact}?`, '', head, ...lines].join('\n');
}

const columns: Readonly<Record<Mode, string>> = {
  default: 'load_model',
  nocompile: 'compile=False',
  custom: '+ own code',
  unsafe: 'safe_mode=False',
  weights: 'load_weights',
  json: 'from_json',
};

function shorten(text: string, most = 200): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
