/** Branches back to `and`, `or`, `x if c else y`, chained comparisons. */

import type { CompareOperator } from '../instructions.ts';
import { printExpression } from './print.ts';
import type { Expression } from './syntax.ts';

const opposites: Readonly<Partial<Record<CompareOperator, CompareOperator>>> = {
  is: 'is not',
  'is not': 'is',
  in: 'not in',
  'not in': 'in',
  '==': '!=',
  '!=': '==',
};

/** The test that holds where `test` does not. */
export function negated(test: Expression): Expression {
  if (test.type === 'unary' && test.operator === 'not') return test.operand;
  const [only] = test.type === 'compare' ? test.rest : [];
  const opposite = test.type === 'compare' && test.rest.length === 1 && only ? opposites[only.operator] : undefined;
  if (test.type === 'compare' && only && opposite) return { ...test, rest: [{ ...only, operator: opposite }] };
  return { type: 'unary', operator: 'not', operand: test };
}

/** `left and right`, `left or right`, flat; comparisons that share an operand become a chain. */
export function both(operator: 'and' | 'or', left: Expression, right: Expression): Expression {
  if (operator === 'and' && left.type === 'compare' && right.type === 'compare') {
    if (left.rest.at(-1)?.operand === right.first) return { ...left, rest: [...left.rest, ...right.rest] };
  }
  const items = (side: Expression) => (side.type === 'boolean' && side.operator === operator ? side.items : [side]);
  return { type: 'boolean', operator, items: [...items(left), ...items(right)] };
}

/** What `then` where `test` holds and `otherwise` elsewhere is, in the shortest form. */
export function choice(test: Expression, consequent: Expression, otherwise: Expression): Expression {
  if (otherwise === test) return both('and', test, consequent);
  const last = consequent.type === 'boolean' && consequent.operator === 'or' ? consequent.items.at(-1) : undefined;
  if (consequent.type === 'boolean' && last && sameText(last, otherwise)) {
    const others = consequent.items.slice(0, -1);
    const [only] = others;
    const rest: Expression = others.length === 1 && only ? only : { ...consequent, items: others };
    return both('or', both('and', test, rest), last);
  }
  if (consequent === test) return both('or', test, otherwise);
  if (consequent.type === 'conditional' && sameText(consequent.otherwise, otherwise)) {
    return { ...consequent, test: both('and', test, consequent.test) };
  }
  if (otherwise.type === 'conditional' && sameText(otherwise.consequent, consequent)) {
    return { ...otherwise, test: both('or', test, otherwise.test) };
  }
  if (otherwise.type === 'conditional' && sameText(otherwise.otherwise, consequent)) {
    return { ...otherwise, test: both('and', negated(test), otherwise.test) };
  }
  return test.type === 'unary' && test.operator === 'not'
    ? { type: 'conditional', test: test.operand, consequent: otherwise, otherwise: consequent }
    : { type: 'conditional', test, consequent, otherwise };
}

/** True for expressions that print alike; inner functions count as different unless they are the same. */
export function sameText(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  const codes: unknown[] = [];
  const print = (value: Expression) =>
    printExpression(value, inner => {
      if (!codes.includes(inner.code)) codes.push(inner.code);
      return `function_${codes.indexOf(inner.code)}`;
    });
  return print(left) === print(right);
}
