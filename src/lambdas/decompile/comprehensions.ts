/** Loops that only fill one collection, back to comprehensions. */

import type { ComprehensionLoop, Expression, Statement } from './syntax.ts';
import { NoSource } from './syntax.ts';

type Comprehension = Expression & { readonly type: 'comprehension' };

/** The comprehension that a loop is, and the collection that it fills (null for a generator); null for other loops. */
export function comprehensionOf(loop: Statement): { made: Comprehension; to: Expression | null } | null {
  const loops: ComprehensionLoop[] = [];
  let statement = loop;
  for (;;) {
    if (statement.type === 'for') {
      loops.push({ target: statement.target, iterable: statement.iterable, conditions: [] });
    } else if (statement.type === 'if' && statement.otherwise.length === 0 && loops.length > 0) {
      const last = loops.pop()!;
      loops.push({ ...last, conditions: [...last.conditions, statement.test] });
    } else if (statement.type === 'append') {
      const { to, key, value } = statement;
      const kind = key ? 'dict' : to.type === 'collection' && to.kind === 'set' ? 'set' : 'list';
      return { made: { type: 'comprehension', kind, key, element: value, loops }, to };
    } else if (statement.type === 'yield') {
      return {
        made: { type: 'comprehension', kind: 'generator', key: null, element: statement.value, loops },
        to: null,
      };
    } else {
      return null;
    }
    const body: readonly Statement[] = statement.type === 'for' ? statement.body : statement.consequent;
    const [only] = body;
    if (body.length !== 1 || !only) return null;
    statement = only;
  }
}

/** The comprehension that a function `<listcomp>` makes, its argument `.0` put in its place. */
export function withIterable(body: readonly Statement[], iterable: Expression): Comprehension {
  const [first, second] = body;
  const result = first?.type === 'return' ? first.value : null;
  const generator = first && second?.type === 'return' && body.length === 2 ? comprehensionOf(first) : null;
  const made = result?.type === 'comprehension' ? result : generator?.made;
  if (!made) throw new NoSource('a comprehension of an unknown form');
  const [outer, ...inner] = made.loops;
  if (outer?.iterable.type !== 'name' || outer.iterable.name !== '.0')
    throw new NoSource('a comprehension without its argument');
  return { ...made, loops: [{ ...outer, iterable }, ...inner] };
}
