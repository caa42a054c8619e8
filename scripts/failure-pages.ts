/** Writes docs/failures.md, the reference of every failure, from the catalogue. */

import { writeFileSync } from 'node:fs';
import { catalogue } from '../src/failures/catalogue/index.ts';
import type { Failure, FailureGroup, Mend } from '../src/failures/define.ts';

const headings: Readonly<Record<FailureGroup, string>> = {
  versions: 'Written by one Keras, read by another',
  'code-not-in-file': 'Code that is not in the file',
  weights: 'The weights do not fit',
  bytes: 'The bytes',
  machine: 'The place and the machine',
  'using-the-model': 'Using the model, other runtimes',
};

function mendText({ title, command, python }: Mend): string {
  const lines = [`- ${title}${command || python ? ':' : '.'}`];
  if (command) lines.push('', '  ```sh', `  ${command}`, '  ```', '');
  if (python) lines.push('', '  ```python', ...python.split('\n').map(line => `  ${line}`), '  ```', '');
  return lines.join('\n');
}

function section(failure: Failure): string {
  const signs = failure.signs.map(
    ({ text, confidence }) => `| \`${text.source.replaceAll('|', '\\|')}\` | ${confidence} |`,
  );
  return [
    `### ${failure.id}`,
    `**${failure.title}.** ${failure.why}`,
    failure.mends.map(mendText).join('\n'),
    signs.length ? ['| in a pasted error | confidence |', '|---|---|', ...signs].join('\n') : '',
    `Sources: ${failure.sources.join('; ')}.`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** The whole page as Markdown; a test compares it with the file that is checked in. */
export function failurePage(): string {
  const groups = Object.entries(headings).map(([group, heading]) => {
    const members = catalogue.filter(failure => failure.group === group);
    return [`## ${heading}`, ...members.map(section)].join('\n\n');
  });
  const head = [
    '# The ways that loading goes wrong',
    'Made from `src/failures/catalogue` by `npm run docs`. Each id is what `doctor` and `explain` name.',
  ];
  return `${[...head, ...groups].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

if (process.argv[1]?.includes('failure-pages')) writeFileSync('docs/failures.md', failurePage());
