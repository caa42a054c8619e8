/** Calls of any value: functions of the code, entries of the allow-list, methods, and what was made to be called. */

import { callAllowed } from '../allowed/define.ts';
import { allowedAt, refuseCall } from '../allowed/index.ts';
import { callMethod } from '../allowed/methods.ts';
import { callFunction } from './functions.ts';
import { refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { typeName, type Value } from './values.ts';

export function call(
  callee: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  session: Session,
): Value {
  session.spend(1);
  switch (callee.kind) {
    case 'function':
      return callFunction(callee, args, keywords, session);
    case 'method':
      return callMethod(callee, args, keywords, session);
    case 'callable':
      return callee.call(args, keywords);
    case 'reference': {
      const allowed = allowedAt(callee.path);
      if (!allowed) return session.callOther?.(callee, args, keywords) ?? refuseCall(callee);
      return callAllowed(allowed, callee.written, args, keywords, session);
    }
    case 'dtype':
      return callAllowed(
        allowedAt('tensorflow.cast') ?? refuse('a cast'),
        callee.dtype,
        [...args, callee],
        keywords,
        session,
      );
    default:
      return refuse(`a call of ${typeName(callee)}`);
  }
}
