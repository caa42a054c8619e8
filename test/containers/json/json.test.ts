/** JSON in Python's dialect: what it takes, where it refuses, and where a value stands. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPointer, locatePointer, parseJson } from '../../../src/containers/json/index.ts';
import { LoadstoneError } from '../../../src/findings/errors.ts';

function refusal(text: string): LoadstoneError {
  try {
    parseJson(text, { name: 'model_config' });
  } catch (error) {
    if (error instanceof LoadstoneError) return error;
  }
  throw new Error(`taken: ${text}`);
}

describe('parseJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("reads Python's NaN and infinities", () => {
    expect(parseJson('[NaN, Infinity, -Infinity, -1.5e3]')).toEqual([Number.NaN, Infinity, -Infinity, -1500]);
  });

  it('reads escapes and surrogate pairs', () => {
    expect(parseJson('"\\u00dc \\ud83d\\ude00 \\"\\\\\\n"')).toBe('Ü 😀 "\\\n');
  });

  it('takes __proto__ as a name like any other', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('names the place where it refuses', () => {
    expect(refusal('{"a": 1,, }').offset).toBe(8);
    expect(refusal('{"a": tru}').offset).toBe(6);
    expect(refusal('{"a": "b').what).toContain('the text ends');
    expect(refusal('[1] x').what).toContain('more text');
  });

  it('bounds the depth', () => {
    const deep = '['.repeat(100_000);
    expect(refusal(deep).code).toBe('limit');
  });
});

describe('locatePointer', () => {
  it('finds the very characters of every value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.array(fc.jsonValue(), { maxLength: 4 })), value => {
        const text = JSON.stringify(value, null, 1);
        for (const [key, items] of Object.entries(value)) {
          items.forEach((item, index) => {
            const found = locatePointer(text, jsonPointer([key, index]))!;
            expect(parseJson(text.slice(found.offset, found.offset + found.length))).toEqual(
              JSON.parse(JSON.stringify(item)),
            );
          });
        }
      }),
    );
  });

  it('is null where there is no such value', () => {
    expect(locatePointer('{"a": [1]}', '/a/1')).toBeNull();
    expect(locatePointer('{"a": [1]}', '/b')).toBeNull();
  });
});
