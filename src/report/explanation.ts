/** An explanation as people read it: the likeliest cause first, what to do about it, then what else it may be. */

import type { Mend } from '../failures/define.ts';
import type { Cause, Explanation } from '../failures/explain/explain.ts';

export function explanationText({ exception, causes }: Explanation): string {
  const [first, ...others] = causes;
  if (!first) {
    return [
      'No known cause in this text.',
      '  Paste the whole traceback, its last line above all, or ask of the file: loadstone doctor MODEL',
    ].join('\n');
  }
  const error = exception.type ? `${exception.type}: ${exception.message}` : exception.message;
  const lines = [
    `${first.title}   [${first.failure}, ${percent(first)}]`,
    '',
    `  ${first.why}`,
    '',
    ...mendLines(first.mends),
    '',
    `  The error: ${shorten(error)}`,
  ];
  if (others.length > 0) lines.push('', 'It may also be:');
  for (const cause of others.slice(0, 3))
    lines.push(`  ${percent(cause).padStart(5)}  ${cause.title}   [${cause.failure}]`);
  return lines.join('\n');
}

function percent({ confidence }: Cause): string {
  return `${Math.round(confidence * 100)} %`;
}

/** Mends numbered, commands and Python set off so that they can be copied. */
export function mendLines(mends: readonly Mend[]): string[] {
  return mends.flatMap((mend, index) => [
    `  ${index + 1}. ${mend.title}`,
    ...(mend.command ? [`       ${mend.command}`] : []),
    ...(mend.python ? mend.python.split('\n').map(line => `       ${line}`) : []),
  ]);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 157)}…` : line;
}
