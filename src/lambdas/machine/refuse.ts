/** How the machine says that it cannot go on: what in the function is outside of what is interpreted, and where. */

import { LoadstoneError } from '../../findings/errors.ts';

/** Throws `unsupported`: something in the code is not interpreted. `what` names it as the code writes it. */
export function refuse(what: string): never {
  throw new LoadstoneError('unsupported', what, {
    do: 'Give what the Lambda computes as a definition of your own under the name of its layer (--custom).',
  });
}

/** Throws `bad-config`: Python itself would raise here. */
export function raises(exception: string, message: string): never {
  throw new LoadstoneError('bad-config', `Python would raise ${exception}: ${message}`, {
    do: 'Give what the Lambda computes as a definition of your own under the name of its layer (--custom).',
  });
}
