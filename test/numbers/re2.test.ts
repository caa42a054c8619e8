import { describe, expect, it } from 'vitest';
import { compileRe2, re2Rewrite } from '../../src/numbers/re2.ts';

const replace = (pattern: string, rewrite: string, text: string) =>
  text.replace(compileRe2(pattern, 'g'), re2Rewrite(rewrite));

describe('regular expressions of RE2', () => {
  it('strip punctuation as Keras writes it', () => {
    const pattern = '[!"#$%&()\\*\\+,-\\./:;<=>?@\\[\\\\\\]^_`{|}~\\\']';
    expect(replace(pattern, '', 'it\'s a "test" [ok] \\ 50%!')).toBe('its a test ok  50');
  });

  it('know character classes, flags, groups and their rewriting', () => {
    expect(replace('[[:digit:]]+', '#', 'a12b3')).toBe('a#b#');
    expect(replace('(?i)ABC', 'x', 'abcABC')).toBe('xx');
    expect(replace('(?P<first>\\w)(\\w)', '\\2\\1', 'abcd')).toBe('badc');
    expect(replace('a', '$&', 'bab')).toBe('b$&b');
    expect(replace('\\pL+', 'L', 'é1')).toBe('L1');
  });

  it('that may never end are refused', () => {
    expect(() => compileRe2('(a+)+$', '')).toThrow(/may never end/);
    expect(() => compileRe2('(a|b*)*', '')).toThrow(/may never end/);
    expect(() => compileRe2('([a+])+', '')).not.toThrow();
    expect(() => compileRe2('(', '')).toThrow(/cannot be used/);
  });
});
