/** A function's bytecode as people read it: one instruction a line, with what its argument stands for. */

import type { CodeObject, PythonVersion } from '../containers/marshal/index.ts';
import { decodeBytecode } from './bytecode.ts';
import { printConstant } from './decompile/index.ts';
import type { Step } from './instructions.ts';
import { normalise } from './normalise.ts';

/** Lines of one listing; longer functions are cut. */
const maximumLines = 500;

/** The listing of a function and of those inside it. Throws `LoadstoneError` when it is no code of `python`. */
export function disassemble(code: CodeObject, python: PythonVersion): string {
  const parameters = code.localNames.slice(0, code.argumentCount + code.keywordOnlyCount).join(', ');
  const head = `${code.name}(${parameters})  line ${code.firstLine} of ${code.filename}`;
  const { instructions } = normalise(code, python);
  const raw = decodeBytecode(code, python);
  const width = Math.max(...raw.map(instruction => instruction.name.length));
  const lines = raw.slice(0, maximumLines).map(({ offset, name, argument, target }) => {
    const meaning = instructions
      .filter(step => step.offset === offset)
      .map(describe)
      .filter(Boolean);
    const to = target === null ? '' : `to ${target}`;
    const text = [
      `${offset}`.padStart(5),
      name.padEnd(width),
      `${argument}`.padStart(4),
      [to, ...meaning].filter(Boolean).join(', '),
    ];
    return text.join('  ').trimEnd();
  });
  if (raw.length > maximumLines) lines.push(`      … ${raw.length - maximumLines} more instructions`);
  const inner = code.constants.flatMap(value => (value.kind === 'code' ? [disassemble(value.code, python)] : []));
  return [head, ...lines, ...inner.flatMap(listing => ['', listing])].join('\n');
}

function describe(step: Step): string {
  switch (step.op) {
    case 'constant':
      return shorten(constantText(step));
    case 'load':
    case 'store':
    case 'load cell':
    case 'attribute':
    case 'import':
    case 'import from':
      return step.name;
    case 'binary':
    case 'unary':
    case 'compare':
      return step.operator;
    default:
      return '';
  }
}

function constantText({ value }: Step & { op: 'constant' }): string {
  return value.kind === 'code' ? `the function ${value.code.name}` : printConstant(value);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
