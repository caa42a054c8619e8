/** Expressions and statements as Python source, with no more parentheses than Python needs. */

import type { PythonConstant } from '../../containers/marshal/index.ts';
import { floatText, quoted } from '../machine/text.ts';
import type { CallArgument, Expression, Statement } from './syntax.ts';
import { NoSource } from './syntax.ts';

/** Prints an inner function; given by `index.ts`, which knows how to recover one. */
export type PrintFunction = (value: Expression & { type: 'function' }, indent: string, name: string | null) => string;

/** Source above this length helps nobody. */
export const maximumSource = 20_000;

const precedenceOf: Readonly<Record<string, number>> = {
  lambda: 1,
  conditional: 2,
  or: 3,
  and: 4,
  not: 5,
  compare: 6,
  '|': 7,
  '^': 8,
  '&': 9,
  '<<': 10,
  '>>': 10,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  'classic /': 12,
  '//': 12,
  '%': 12,
  '@': 12,
  unary: 13,
  '**': 14,
  atom: 16,
};

function precedence(value: Expression): number {
  switch (value.type) {
    case 'function':
      return precedenceOf.lambda!;
    case 'conditional':
      return precedenceOf.conditional!;
    case 'boolean':
      return precedenceOf[value.operator]!;
    case 'compare':
      return precedenceOf.compare!;
    case 'unary':
      return value.operator === 'not' ? precedenceOf.not! : precedenceOf.unary!;
    case 'binary':
      return precedenceOf[value.operator]!;
    case 'constant':
      return isNegative(value.value) ? precedenceOf.unary! : precedenceOf.atom!;
    default:
      return precedenceOf.atom!;
  }
}

function isNegative(value: PythonConstant): boolean {
  if (value.kind === 'int') return value.value < 0n;
  return value.kind === 'float' && (value.value < 0 || Object.is(value.value, -0));
}

export function printExpression(value: Expression, printFunction: PrintFunction, indent = ''): string {
  const text = expression(value, printFunction, indent);
  if (text.length > maximumSource) throw new NoSource('the source is too long');
  return text;
}

function expression(value: Expression, inner: PrintFunction, indent: string): string {
  const print = (part: Expression, needed = 0): string => {
    const text = printExpression(part, inner, indent);
    return precedence(part) < needed ? `(${text})` : text;
  };
  switch (value.type) {
    case 'name':
      return value.name;
    case 'constant':
      return constant(value.value);
    case 'attribute': {
      const isNumber = value.object.type === 'constant' && value.object.value.kind === 'int';
      return isNumber ? `(${print(value.object)}).${value.name}` : `${print(value.object, 16)}.${value.name}`;
    }
    case 'subscript':
      return `${print(value.object, 16)}[${subscriptKey(value.key, print)}]`;
    case 'slice':
      return `slice(${[value.start, value.stop, value.step].map(part => (part ? print(part) : 'None')).join(', ')})`;
    case 'call':
      return `${print(value.callee, 16)}(${callArguments(value.args, print)})`;
    case 'binary': {
      const own = precedence(value);
      const right = value.operator === '**' ? own - 1 : own + 1;
      const left = value.operator === '**' ? own + 1 : own;
      const operator = value.operator === 'classic /' ? '/' : value.operator;
      return `${print(value.left, left)} ${operator} ${print(value.right, right)}`;
    }
    case 'unary':
      return value.operator === 'not'
        ? `not ${print(value.operand, 5)}`
        : `${value.operator}${print(value.operand, 13)}`;
    case 'compare':
      return [print(value.first, 7), ...value.rest.map(part => `${part.operator} ${print(part.operand, 7)}`)].join(' ');
    case 'boolean': {
      const own = precedence(value);
      return value.items.map(item => print(item, own + 1)).join(` ${value.operator} `);
    }
    case 'conditional':
      return `${print(value.consequent, 3)} if ${print(value.test, 3)} else ${print(value.otherwise, 2)}`;
    case 'collection':
      return collection(
        value.kind,
        value.items.map(item => print(item, 1)),
      );
    case 'dict':
      return `{${value.entries.map(([key, held]) => (key ? `${print(key)}: ${print(held, 1)}` : `**${print(held, 7)}`)).join(', ')}}`;
    case 'star':
      return `*${print(value.value, 7)}`;
    case 'walrus':
      return `(${value.name} := ${print(value.value, 1)})`;
    case 'text':
      return formatted(value.parts, print);
    case 'format':
      return formatted([value], print);
    case 'function':
      return inner(value, indent, null);
    case 'comprehension': {
      const loops = value.loops.map(loop => {
        const conditions = loop.conditions.map(condition => ` if ${print(condition, 3)}`).join('');
        return `for ${target(loop.target, print)} in ${print(loop.iterable, 3)}${conditions}`;
      });
      const element = value.key ? `${print(value.key, 1)}: ${print(value.element, 1)}` : print(value.element, 1);
      const [open, close] = { list: '[]', set: '{}', dict: '{}', generator: '()' }[value.kind];
      return `${open}${element} ${loops.join(' ')}${close}`;
    }
    default:
      throw new NoSource(`${value.type} has no source form`);
  }
}

type Print = (part: Expression, needed?: number) => string;

/** A tuple that is assigned to stands without parentheses. */
function target(value: Expression, print: Print): string {
  const isTuple = value.type === 'collection' && value.kind === 'tuple' && value.items.length > 1;
  return isTuple ? value.items.map(item => print(item)).join(', ') : print(value);
}

function collection(kind: 'tuple' | 'list' | 'set', items: readonly string[]): string {
  if (kind === 'list') return `[${items.join(', ')}]`;
  if (kind === 'set') return items.length === 0 ? 'set()' : `{${items.join(', ')}}`;
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

function callArguments(args: readonly CallArgument[], print: Print): string {
  const single = args.length === 1 ? args[0] : undefined;
  if (
    single &&
    single.keyword === null &&
    single.spread === '' &&
    single.value.type === 'comprehension' &&
    single.value.kind === 'generator'
  ) {
    return print(single.value).slice(1, -1);
  }
  return args
    .map(({ value, keyword, spread }) => `${spread}${keyword === null ? '' : `${keyword}=`}${print(value, 1)}`)
    .join(', ');
}

/** `1:, ..., None`: what stands between brackets. */
function subscriptKey(key: Expression, print: Print): string {
  if (key.type === 'constant' && key.value.kind === 'tuple' && key.value.items.length > 0) {
    return tupleKey(key.value.items.map(item => subscriptKey({ type: 'constant', value: item }, print)));
  }
  if (key.type === 'constant' && key.value.kind === 'slice') {
    const part = (value: PythonConstant): Expression | null =>
      value.kind === 'none' ? null : { type: 'constant', value };
    const { start, stop, step } = key.value;
    return sliceKey(part(start), part(stop), part(step), print);
  }
  if (key.type === 'collection' && key.kind === 'tuple' && key.items.length > 0) {
    return tupleKey(key.items.map(item => subscriptKey(item, print)));
  }
  if (key.type === 'slice') return sliceKey(key.start, key.stop, key.step, print);
  return print(key);
}

function tupleKey(parts: readonly string[]): string {
  return parts.length === 1 ? `${parts[0]},` : parts.join(', ');
}

function sliceKey(start: Expression | null, stop: Expression | null, step: Expression | null, print: Print): string {
  const text = (part: Expression | null) => (part === null ? '' : print(part, 1));
  return step === null ? `${text(start)}:${text(stop)}` : `${text(start)}:${text(stop)}:${text(step)}`;
}

function formatted(parts: readonly Expression[], print: Print): string {
  const inside = parts.map(part => {
    if (part.type === 'constant' && part.value.kind === 'string')
      return part.value.value.replaceAll('{', '{{').replaceAll('}', '}}');
    if (part.type !== 'format') return `{${print(part)}}`;
    const spec = part.spec?.type === 'constant' && part.spec.value.kind === 'string' ? `:${part.spec.value.value}` : '';
    if (part.spec && spec === '') throw new NoSource('a computed format');
    return `{${print(part.value, 1)}${part.conversion ? `!${part.conversion}` : ''}${spec}}`;
  });
  return `f${quoted(inside.join(''))}`;
}

/** A constant as Python writes it. */
export function constant(value: PythonConstant): string {
  switch (value.kind) {
    case 'none':
      return 'None';
    case 'ellipsis':
      return '...';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return value.value.toString();
    case 'float':
      return Number.isFinite(value.value) ? floatText(value.value) : `float('${floatText(value.value)}')`;
    case 'complex':
      return `complex(${floatText(value.real)}, ${floatText(value.imaginary)})`;
    case 'string':
      return quoted(value.value);
    case 'bytes':
      return `b${quoted(Array.from(value.value, byte => String.fromCharCode(byte)).join(''))}`;
    case 'tuple':
      return collection('tuple', value.items.map(constant));
    case 'list':
      return collection('list', value.items.map(constant));
    case 'set':
      return collection('set', value.items.map(constant));
    case 'frozenset':
      return `frozenset(${collection('set', value.items.map(constant))})`;
    case 'slice':
      return `slice(${constant(value.start)}, ${constant(value.stop)}, ${constant(value.step)})`;
    default:
      throw new NoSource(`a constant ${value.kind}`);
  }
}

/** Statements, one a line, each behind `indent`. */
export function printStatements(statements: readonly Statement[], inner: PrintFunction, indent: string): string {
  if (statements.length === 0) return `${indent}pass`;
  return statements.map(statement => printStatement(statement, inner, indent)).join('\n');
}

function printStatement(statement: Statement, inner: PrintFunction, indent: string): string {
  const print: Print = value => printExpression(value, inner, indent);
  const block = (body: readonly Statement[]) => printStatements(body, inner, `${indent}    `);
  switch (statement.type) {
    case 'expression':
      return `${indent}${print(statement.value)}`;
    case 'assign':
      return `${indent}${target(statement.target, print)} = ${print(statement.value)}`;
    case 'augment':
      return `${indent}${print(statement.target)} ${statement.operator === 'classic /' ? '/' : statement.operator}= ${print(statement.value)}`;
    case 'return':
      return `${indent}return ${print(statement.value)}`;
    case 'if':
      return printIf(statement, inner, indent, 'if');
    case 'for':
      return `${indent}for ${target(statement.target, print)} in ${print(statement.iterable)}:\n${block(statement.body)}`;
    case 'import':
      return `${indent}${importText(statement)}`;
    case 'assert':
      return `${indent}assert ${print(statement.test)}${statement.message ? `, ${print(statement.message)}` : ''}`;
    case 'raise':
      return statement.value ? `${indent}raise ${print(statement.value)}` : `${indent}raise`;
    case 'define':
      return inner(statement.value, indent, statement.name);
    case 'break':
    case 'continue':
      return `${indent}${statement.type}`;
    default:
      throw new NoSource(`${statement.type} outside of a comprehension`);
  }
}

function printIf(
  statement: Statement & { type: 'if' },
  inner: PrintFunction,
  indent: string,
  word: 'if' | 'elif',
): string {
  const head = `${indent}${word} ${printExpression(statement.test, inner, indent)}:\n`;
  const consequent = printStatements(statement.consequent, inner, `${indent}    `);
  const { otherwise } = statement;
  if (otherwise.length === 0) return head + consequent;
  const [only] = otherwise;
  if (otherwise.length === 1 && only?.type === 'if')
    return `${head}${consequent}\n${printIf(only, inner, indent, 'elif')}`;
  return `${head}${consequent}\n${indent}else:\n${printStatements(otherwise, inner, `${indent}    `)}`;
}

function importText({ module, name, as }: Statement & { type: 'import' }): string {
  if (name !== null) return `from ${module} import ${name}${as === name ? '' : ` as ${as}`}`;
  return `import ${module}${as === module.split('.')[0] ? '' : ` as ${as}`}`;
}
