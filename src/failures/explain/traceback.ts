/**
 * Reads what people paste: Python tracebacks of any release, Jupyter's with arrows, a bare last line, whole logs,
 * JavaScript errors. What comes out are the exceptions named in it, in the order in which they stand.
 */

export interface PastedException {
  readonly type: string;
  /** Text after the type up to the next traceback, frame or blank line that ends it. */
  readonly message: string;
}

export interface Pasted {
  readonly exceptions: readonly PastedException[];
  /** The text with terminal colours and Jupyter's gutters taken out. */
  readonly text: string;
}

/** Longest text looked at: a log may be large, the error stands near its end. */
const longestText = 200_000;

const terminalColour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

const exceptionLine =
  /^\s*(?:E\s+)?(?:Uncaught(?: \(in promise\))?\s+)?(?:(?:[A-Za-z_]\w*\.)*)([A-Z]\w*(?:Error|Exception|Warning|Fault|BadZipFile|KeyboardInterrupt)|BadZipFile|Error|Exception)\s*(?::\s?(.*)|\(\s*["'](.*)["']\s*\)?|)$/;

const messageEnds =
  /^\s*(?:Traceback \(most recent call last\)|During handling of the above|The above exception was|File ".*", line \d+|-{4,}>? ?\d*|.*\bat .*:\d+:\d+\)?$)/;

export function readTraceback(input: string): Pasted {
  const text = input.slice(-longestText).replace(terminalColour, '').replace(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const exceptions: PastedException[] = [];
  for (let index = 0; index < lines.length; index++) {
    const found = exceptionLine.exec(lines[index] as string);
    if (!found) continue;
    const message = [found[2] ?? found[3] ?? ''];
    while (index + 1 < lines.length && continues(lines[index + 1] as string)) message.push(lines[++index] as string);
    exceptions.push({ type: found[1] as string, message: message.join('\n').trim() });
  }
  return { exceptions, text };
}

function continues(line: string): boolean {
  return !messageEnds.test(line) && !exceptionLine.test(line);
}

/** The exception that the program ended with: the last one named; a bare line without a type is its own message. */
export function lastException({ exceptions, text }: Pasted): { type: string | null; message: string } {
  const last = exceptions.at(-1);
  if (last) return { type: last.type, message: firstParagraph(last.message) };
  const lines = text.split('\n').filter(line => line.trim() !== '');
  return { type: null, message: (lines.at(-1) ?? '').trim() };
}

function firstParagraph(message: string): string {
  return message.split(/\n\s*\n/)[0]?.trim() ?? '';
}
