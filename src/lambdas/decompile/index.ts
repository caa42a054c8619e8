/** The source form of a function, as near to what was written as bytecode tells. */

import {
  type CodeObject,
  type PythonConstant,
  type PythonVersion,
  takesVarArgs,
  takesVarKeywords,
} from '../../containers/marshal/index.ts';
import { isLoadstoneError } from '../../findings/errors.ts';
import { constant, type PrintFunction, printExpression, printStatements } from './print.ts';
import { recoverStatements } from './recover.ts';
import { type Expression, NoSource, type Statement } from './syntax.ts';

/** Functions inside functions that are still printed. */
const maximumDepth = 10;

/**
 * Source of a function: `lambda x: …` or `def f(x): …`. Null where its bytecode has no source form that is known here
 * (while, try, match, or no compiler's work); the disassembly always shows it.
 */
export function sourceOf(
  code: CodeObject,
  python: PythonVersion,
  defaults: readonly PythonConstant[] = [],
): string | null {
  try {
    const values = defaults.map((value): Expression => ({ type: 'constant', value }));
    return printFunction(python, 0)({ type: 'function', code, defaults: values, keywordDefaults: null }, '', null);
  } catch (error) {
    if (error instanceof NoSource || isLoadstoneError(error)) return null;
    throw error;
  }
}

function printFunction(python: PythonVersion, depth: number): PrintFunction {
  if (depth > maximumDepth) throw new NoSource('functions too deep inside each other');
  const inner = printFunctionLater(python, depth + 1);
  return (value, indent, name) => {
    const statements = recoverStatements(value.code, python);
    const parameters = printParameters(value, inner);
    if (value.code.name === '<lambda>') {
      const [only] = statements;
      if (statements.length !== 1 || only?.type !== 'return') throw new NoSource('a lambda of several statements');
      const head = parameters === '' ? 'lambda' : `lambda ${parameters}`;
      return `${head}: ${printExpression(only.value, inner, indent)}`;
    }
    const body = printStatements(withoutLastReturn(statements), inner, `${indent}    `);
    return `${indent}def ${name ?? value.code.name}(${parameters}):\n${body}`;
  };
}

const printFunctionLater =
  (python: PythonVersion, depth: number): PrintFunction =>
  (value, indent, name) =>
    printFunction(python, depth)(value, indent, name);

/** `return None` at the end is what Python adds by itself. */
function withoutLastReturn(statements: readonly Statement[]): readonly Statement[] {
  const last = statements.at(-1);
  const isNone = last?.type === 'return' && last.value.type === 'constant' && last.value.value.kind === 'none';
  return isNone && statements.length > 1 ? statements.slice(0, -1) : statements;
}

function printParameters(
  { code, defaults, keywordDefaults }: Expression & { type: 'function' },
  inner: PrintFunction,
): string {
  const { localNames, argumentCount, positionalOnlyCount, keywordOnlyCount, flags } = code;
  const withoutDefault = argumentCount - defaults.length;
  const parts = localNames.slice(0, argumentCount).flatMap((name, index) => {
    const value = defaults[index - withoutDefault];
    const text = value ? `${name}=${printExpression(value, inner)}` : name;
    return index + 1 === positionalOnlyCount ? [text, '/'] : [text];
  });
  let next = argumentCount + keywordOnlyCount;
  if (flags & takesVarArgs) parts.push(`*${localNames[next++] ?? 'args'}`);
  else if (keywordOnlyCount > 0) parts.push('*');
  for (const name of localNames.slice(argumentCount, argumentCount + keywordOnlyCount)) {
    const value = keywordDefault(keywordDefaults, name);
    parts.push(value ? `${name}=${printExpression(value, inner)}` : name);
  }
  if (flags & takesVarKeywords) parts.push(`**${localNames[next] ?? 'kwargs'}`);
  return parts.join(', ');
}

function keywordDefault(defaults: Expression | null, name: string): Expression | null {
  if (defaults?.type !== 'dict') return null;
  const entry = defaults.entries.find(
    ([key]) => key?.type === 'constant' && key.value.kind === 'string' && key.value.value === name,
  );
  return entry?.[1] ?? null;
}

export { constant as printConstant };
