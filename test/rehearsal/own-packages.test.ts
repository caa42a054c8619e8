/** Names registered in a package of the user's own, whatever Keras calls its own classes. */

import { describe, expect, it } from 'vitest';
import { isInOwnPackage } from '../../src/eras/names.ts';
import { customEntry } from '../../src/failures/explain/explain.ts';

describe('packages of registered names', () => {
  it('tells the user’s own from Keras’s', () => {
    expect(isInOwnPackage('my>Inner')).toBe(true);
    expect(isInOwnPackage('Inner')).toBe(false);
    expect(isInOwnPackage('Custom>Adam')).toBe(false);
    expect(isInOwnPackage('keras>Dense')).toBe(false);
  });

  it('gives custom_objects the name with its package', () => {
    expect(customEntry('my>Inner')).toBe("'my>Inner': Inner");
    expect(customEntry('Scale')).toBe("'Scale': Scale");
  });
});
