/** Calls of functions that the code itself defines: binding of arguments as Python binds them, cells, generators. */

import { isGenerator, takesVarArgs, takesVarKeywords } from '../../containers/marshal/index.ts';
import { normalise } from '../normalise.ts';
import { raises, refuse } from './refuse.ts';
import { type Frame, run } from './run.ts';
import { maximumCallDepth, type Session } from './session.ts';
import { type Cell, type FunctionValue, pyList, pyText, pyTuple, type Value } from './values.ts';

/** Calls `callee`; a generator runs to its end at once and gives the list of what it yields. */
export function callFunction(
  callee: FunctionValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  session: Session,
): Value {
  const { code } = callee;
  if (session.depth >= maximumCallDepth) refuse(`more than ${maximumCallDepth} calls inside each other`);
  const locals = bindArguments(callee, args, keywords);
  const cells = new Map<string, Cell>();
  for (const name of code.cellNames) cells.set(name, { value: locals.get(name) });
  code.freeNames.forEach((name, index) => {
    const cell = callee.closure[index];
    if (!cell) refuse(`the free variable ${name} of ${code.name}, whose value was not stored`);
    cells.set(name, cell);
  });
  const { instructions } = normalise(code, callee.python);
  const yielded = code.flags & isGenerator ? [] : null;
  const frame: Frame = { callee, instructions, locals, cells, stack: [], loops: [], yielded, session };
  session.depth += 1;
  try {
    const result = run(frame);
    return yielded ? pyList(yielded) : result;
  } finally {
    session.depth -= 1;
  }
}

/** Python's rules: positional, keywords, defaults, then `*args` and `**kwargs`. */
export function bindArguments(
  callee: FunctionValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Map<string, Value> {
  const { code, defaults, keywordDefaults } = callee;
  const positional = code.localNames.slice(0, code.argumentCount);
  const keywordOnly = code.localNames.slice(code.argumentCount, code.argumentCount + code.keywordOnlyCount);
  const locals = new Map<string, Value>();
  positional.forEach((name, index) => {
    const value = args[index] ?? defaults[index - (positional.length - defaults.length)];
    if (value !== undefined) locals.set(name, value);
  });
  for (const [name, value] of keywordDefaults) locals.set(name, value);
  const rest = new Map<string, Value>();
  for (const [name, value] of keywords) {
    const known = positional.indexOf(name);
    if (known >= 0 && known < args.length) raises('TypeError', `${code.name} got several values for ${name}`);
    if ((known >= code.positionalOnlyCount && known >= 0) || keywordOnly.includes(name)) locals.set(name, value);
    else rest.set(name, value);
  }
  bindRest(callee, args.slice(positional.length), rest, locals);
  const missing = [...positional, ...keywordOnly].filter(name => !locals.has(name));
  if (missing.length > 0) raises('TypeError', `${code.name} is called without ${missing.join(', ')}`);
  return locals;
}

function bindRest(
  { code }: FunctionValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  locals: Map<string, Value>,
): void {
  let next = code.argumentCount + code.keywordOnlyCount;
  if (code.flags & takesVarArgs) locals.set(code.localNames[next++] ?? 'args', pyTuple(args));
  else if (args.length > 0) raises('TypeError', `${code.name} takes ${code.argumentCount} positional arguments`);
  if (code.flags & takesVarKeywords) {
    const entries = [...keywords].map(([name, value]): [Value, Value] => [pyText(name), value]);
    locals.set(code.localNames[next] ?? 'kwargs', { kind: 'dict', entries });
  } else if (keywords.size > 0) {
    raises('TypeError', `${code.name} got an unexpected keyword argument ${[...keywords.keys()].join(', ')}`);
  }
}
