import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeLambda } from '../../src/lambdas/index.ts';
import { lambdasText } from '../../src/report/lambdas.ts';

const compiled = JSON.parse(readFileSync(new URL('../fixtures/lambdas/compiled.json', import.meta.url), 'utf8')) as {
  [python: string]: { [source: string]: string };
};

const textOf = (python: string, part: string, more = {}) => {
  const [, code] = Object.entries(compiled[python]!).find(([source]) => source.includes(part))!;
  return lambdasText([describeLambda('lam', { function: [code, null, null], ...more })]);
};

describe('lambdasText', () => {
  it('shows source, names and what is passed', () => {
    const text = textOf('3.7', 'K.l2_normalize', {
      arguments: { axis: 1 },
      made_by: { line: 'keras2', keras: '2.2.4', backend: 'tensorflow' },
    });
    expect(text.split('\n')).toEqual([
      'Lambda "lam", written by Python 3.6–3.7',
      '  lambda x: K.l2_normalize(x, axis=1)',
      '  Called with axis = 1',
      '  K is keras.backend; the Keras that wrote the file finds it by itself',
    ]);
  });

  it('shows the bytecode of what is refused', () => {
    const text = textOf('3.11', "__import__('os')");
    expect(text).toContain('critical: It names __import__');
    expect(text).toMatch(/LOAD_METHOD +\d+ +system/);
    expect(textOf('3.9', 'K.random_normal')).toContain('Not interpreted: K.random_normal.');
    expect(lambdasText([])).toBe('No Lambda layers.');
  });
});
