/**
 * What all commands share: how an answer is printed, what an error looks like, which exit code it gives. Exits, colours
 * and progress live here and in the commands, never in the library.
 */

import { isLoadstoneError, LoadstoneError } from '../src/findings/errors.ts';

/** 0 good news, 1 bad news, 2 the call was wrong, 3 the artefact is damaged beyond what the command could do. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Answer {
  /** What `--json` prints: one document, or several, one per line. */
  readonly json: unknown;
  /** One document per line instead of one document, for answers that are a list of lines. */
  readonly lines?: boolean;
  /** What people read. */
  readonly text: string;
  readonly exit: ExitCode;
}

export interface OutputOptions {
  readonly json?: boolean;
}

const exitCodes: Partial<Record<LoadstoneError['code'], ExitCode>> = {
  'not-found': 2,
  usage: 2,
  'bad-input': 2,
  'missing-backend': 2,
  'missing-custom-object': 2,
  io: 2,
  aborted: 2,
};

export function exitCodeOf(error: LoadstoneError): ExitCode {
  return exitCodes[error.code] ?? 3;
}

/** An error as one line of text: what, where (unless it stands before it already), what to do. */
export function errorLine(error: LoadstoneError, known?: string): string {
  const where = error.where && error.where !== known ? ` (${error.where})` : '';
  const advice = error.do ? ` ${error.do}` : '';
  return oneLine(`${error.what}${where}.${advice}`.replace('..', '.'));
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

/** Turns anything thrown into an error for people; a bug of ours says that it is one. */
export function asLoadstoneError(thrown: unknown): LoadstoneError {
  if (isLoadstoneError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LoadstoneError('unsupported', `an unforeseen fault of Loadstone: ${message}`, {
    do: 'Please report it with the artefact, or with what inspect --json says of it.',
    cause: thrown,
  });
}

/**
 * Answers each artefact in turn; a bad one never stops the rest. Sets the process's exit code to the highest of theirs.
 */
export async function answerEach(
  artefacts: readonly string[],
  options: OutputOptions,
  answer: (artefact: string) => Promise<Answer>,
): Promise<void> {
  let exit: ExitCode = 0;
  for (const artefact of artefacts) {
    const given = await answerOne(artefact, options, answer);
    if (given > exit) exit = given;
  }
  process.exitCode = exit;
}

async function answerOne(
  artefact: string,
  options: OutputOptions,
  answer: (artefact: string) => Promise<Answer>,
): Promise<ExitCode> {
  try {
    const given = await answer(artefact);
    print(given, options);
    return given.exit;
  } catch (thrown) {
    return report(artefact, asLoadstoneError(thrown), options);
  }
}

function print({ json, lines, text }: Answer, options: OutputOptions): void {
  const documents = lines && Array.isArray(json) ? json : [json];
  const shown = options.json ? documents.map(document => toJson(document)).join('\n') : text.trimEnd();
  if (shown !== '') process.stdout.write(`${shown}\n`);
}

/** Prints an error where it belongs and gives its exit code. */
export function report(artefact: string, error: LoadstoneError, options: OutputOptions): ExitCode {
  const exit = exitCodeOf(error);
  if (process.env.LOADSTONE_DEBUG) console.error(error.cause ?? error);
  if (options.json) {
    const { code, what } = error;
    process.stdout.write(
      `${toJson({ artefact, error: { code, what, where: error.where ?? artefact, do: error.do ?? '' } })}\n`,
    );
  } else {
    process.stderr.write(`loadstone: ${artefact}: ${errorLine(error, artefact)}\n`);
  }
  return exit;
}

/** JSON in one line: BigInt as numbers, NaN and the infinities as strings, maps and typed arrays as plain values. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (typeof item === 'bigint') return Number(item);
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as Uint8Array);
    return item as unknown;
  });
}
