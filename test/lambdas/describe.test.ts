import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBase64, readStoredFunction } from '../../src/lambdas/encoding.ts';
import { describeLambda, functionsIn, lambdaEquivalent } from '../../src/lambdas/index.ts';
import type { JsonObject } from '../../src/model/types.ts';

const compiled = JSON.parse(readFileSync(new URL('../fixtures/lambdas/compiled.json', import.meta.url), 'utf8')) as {
  [python: string]: { [source: string]: string };
};

const codeOf = (python: string, part: string) => {
  const entry = Object.entries(compiled[python]!).find(([source]) => source.includes(part));
  if (!entry) throw new Error(`no ${part} of Python ${python}`);
  return entry[1];
};

const madeBy = { line: 'keras2', keras: '2.2.4', backend: 'tensorflow' };

describe('describeLambda', () => {
  it('tells source, Pythons and names', () => {
    const described = describeLambda('norm', {
      function: [codeOf('3.7', 'K.l2_normalize'), null, null],
      made_by: madeBy,
    });
    expect(described).toMatchObject({
      layer: 'norm',
      kind: 'code',
      python: '3.6–3.7',
      source: 'lambda x: K.l2_normalize(x, axis=1)',
      safe: true,
      reasons: [],
      names: [{ name: 'K', means: 'keras.backend', uses: ['l2_normalize'], inLoader: true }],
    });
  });

  it('shows defaults and closures', () => {
    const described = describeLambda('f', { function: [codeOf('3.11', 'factor=3'), [3], null] });
    expect(described.source?.split('\n')[0]).toBe('def f(x, factor=3):');
    const closed = describeLambda('c', { function: [codeOf('3.11', 'def outer'), null, [2, 0.5]] });
    expect(Object.keys(closed.closure).sort()).toEqual(['offset', 'scale']);
  });

  it('knows that Keras 3 has none of the names', () => {
    const lambda = {
      class_name: '__lambda__',
      config: { code: codeOf('3.12', 'add_n'), defaults: null, closure: null },
    };
    const described = describeLambda('sum', {
      function: lambda,
      made_by: { line: 'keras3', keras: '3.10.0', backend: 'jax' },
    });
    expect(described.names).toMatchObject([{ name: 'tf', means: 'tensorflow', inLoader: false }]);
    expect(described.source).toBe('lambda t: tf.add_n([v * 2 for v in t])');
  });

  it.each(['2.7', '3.6', '3.9', '3.11', '3.14'])('calls the commands of Python %s unsafe', python => {
    const described = describeLambda('bad', { function: [codeOf(python, "system('id')"), null, null] });
    expect(described.safe).toBe(false);
    expect(described.reasons[0]).toMatchObject({ severity: 'critical' });
    expect(described.source).toContain("__import__('os').system('id')");
  });

  it('judges functions beside the function, names, and source text', () => {
    const shape = {
      function: [codeOf('3.7', 'x * 2.0'), null, null],
      output_shape: [codeOf('3.7', 'exec('), null, null],
      output_shape_type: 'lambda',
    };
    expect(
      describeLambda('s', shape)
        .reasons.map(reason => reason.what)
        .join(),
    ).toContain('exec');
    const named = { module: 'builtins', class_name: 'function', config: 'eval', registered_name: 'function' };
    expect(describeLambda('n', { function: named })).toMatchObject({ kind: 'named', safe: false, name: 'eval' });
    const text = describeLambda('t', { function: "lambda x: eval('1')" });
    expect(text).toMatchObject({ kind: 'unreadable', safe: false, source: "lambda x: eval('1')" });
    expect(text.reasons[0]).toMatchObject({ rule: 'runs-code' });
    const own = { module: 'builtins', class_name: 'function', config: 'my_act', registered_name: 'function' };
    expect(describeLambda('o', { function: own })).toMatchObject({
      kind: 'named',
      safe: true,
      name: 'my_act',
      source: null,
    });
  });

  it('never throws for what a config holds', () => {
    for (const value of [
      null,
      3,
      '',
      'AAAA',
      [],
      [null],
      {},
      { class_name: '__lambda__' },
      { class_name: '__lambda__', config: { code: 5 } },
    ]) {
      const described = describeLambda('x', { function: value } as JsonObject);
      expect(['named', 'unreadable']).toContain(described.kind);
    }
  });
});

describe('readStoredFunction', () => {
  it('reads the raw text of Keras before 2.1.2', () => {
    const bytes = decodeBase64(codeOf('3.6', 'x * 2.0 + 1.0'))!;
    const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
    expect(readStoredFunction([text, null, null], 'lambda')).toMatchObject({
      kind: 'code',
      read: { code: { name: '<lambda>' } },
    });
  });

  it('reads lists, tuples and dictionaries', () => {
    const code = codeOf('3.11', 'x * 2.0 + 1.0');
    const tuple = { class_name: '__tuple__', items: [code, [1], { class_name: '__tuple__', items: [2] }] };
    expect(readStoredFunction(tuple)).toMatchObject({ kind: 'code', defaults: [1], closure: [2] });
    expect(readStoredFunction('swish', 'function')).toMatchObject({ kind: 'named', name: 'swish' });
  });
});

describe('functionsIn', () => {
  it('finds functions at any depth, with the layer that holds them', () => {
    const code = codeOf('3.11', 'x * 2.0 + 1.0');
    const lambda = { class_name: '__lambda__', config: { code, defaults: null, closure: null } };
    const layer = { class_name: 'Lambda', config: { name: 'lam', function: lambda } };
    const config = {
      class_name: 'Sequential',
      config: { name: 'model', layers: [layer] },
      compile_config: { loss: lambda },
    };
    const found = functionsIn(config);
    expect(found.map(({ pointer, layer: name }) => [pointer, name])).toEqual([
      ['/config/layers/0/config/function', 'lam'],
      ['/compile_config/loss', 'model'],
    ]);
  });
});

describe('lambdaEquivalent', () => {
  const equivalent = (part: string, shape: (number | null)[], count = 1) => {
    const config = { function: [codeOf('3.11', part), null, null], made_by: madeBy };
    return lambdaEquivalent(
      config,
      Array.from({ length: count }, () => ({ shape, dtype: 'float32' as const })),
    );
  };

  it('finds layers that compute the same', () => {
    expect(equivalent('x / 127.5', [null, 8, 8, 3])).toEqual({
      className: 'Rescaling',
      config: { scale: 1 / 127.5, offset: -1 },
    });
    expect(equivalent('K.l2_normalize', [null, 5])).toEqual({ className: 'UnitNormalization', config: { axis: 1 } });
    expect(equivalent('x[:, 1:3]', [null, 6, 4])).toEqual({ className: 'Cropping1D', config: { cropping: [1, 3] } });
    expect(equivalent('x[:, None]', [null, 6])).toEqual({ className: 'Reshape', config: { target_shape: [1, 6] } });
    expect(equivalent('tf.concat([t[0], t[1]]', [null, 6], 2)).toEqual({
      className: 'Concatenate',
      config: { axis: 1 },
    });
    expect(equivalent('lambda t: sum(t)', [null, 6], 3)).toEqual({ className: 'Add', config: {} });
    expect(equivalent('axis=[1, 2], keepdims=True', [null, 4, 4, 3])).toEqual({
      className: 'GlobalAveragePooling2D',
      config: { keepdims: true },
    });
  });

  it('finds none where there is none', () => {
    expect(equivalent('K.abs(x[0] - x[1])', [null, 6], 2)).toBeNull();
    expect(equivalent('x[:, -1, :]', [null, 5, 6])).toBeNull();
    expect(equivalent("__import__('os')", [null, 6])).toBeNull();
  });
});
