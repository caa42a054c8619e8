/** The Lambda layer: shapes from the traced function, the user's definitions before it, refusals that name the layer. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { customObjects } from '../../src/layers/custom.ts';
import { defineActivation, defineLayer } from '../../src/layers/define.ts';
import type { JsonObject } from '../../src/model/types.ts';
import type { Shape } from '../../src/numbers/tensor.ts';
import { inferShapes } from '../support/layers.ts';

const compiled = JSON.parse(readFileSync(new URL('../fixtures/lambdas/compiled.json', import.meta.url), 'utf8')) as {
  [python: string]: { [source: string]: string };
};

function lambda(python: string, part: string, more: JsonObject = {}): JsonObject {
  const entry = Object.entries(compiled[python]!).find(([source]) => source.includes(part));
  if (!entry) throw new Error(`no ${part} of Python ${python}`);
  return { function: [entry[1], null, null], function_type: 'lambda', ...more };
}

const shapesOf = (config: JsonObject, ...inputs: Shape[]) => {
  const inferred = inferShapes('Lambda', config, inputs);
  expect(inferred.findings).toEqual([]);
  return inferred.calls[0]?.outputShapes;
};

const problem = (config: JsonObject, custom = customObjects([]), ...inputs: Shape[]) =>
  inferShapes('Lambda', config, inputs, custom)
    .findings.map(finding => finding.what)
    .join();

describe('Lambda', () => {
  it('has the shapes that its function gives', () => {
    expect(shapesOf(lambda('3.7', 'x[:, -1, :]'), [null, 5, 4])).toEqual([[null, 4]]);
    expect(shapesOf(lambda('3.11', 'tf.reshape(x'), [null, 5, 4])).toEqual([[null, 20]]);
    expect(shapesOf(lambda('3.9', 'tf.concat([t[0]'), [null, 5], [null, 3])).toEqual([[null, 8]]);
    expect(shapesOf(lambda('3.13', 'tf.image.resize'), [null, 4, 4, 3])).toEqual([[null, 8, 8, 3]]);
    expect(shapesOf(lambda('3.12', 'for k in (1, 2.5, -3)'), [null, 2])).toEqual([
      [null, 2],
      [null, 2],
      [null, 2],
    ]);
  });

  it('names the layer and what it does not interpret', () => {
    const what = problem(lambda('3.11', "__import__('os')"), undefined, [null, 3]);
    expect(what).toContain('Lambda layer "layer"');
    expect(what).toContain('__import__');
    const named = {
      function: { module: 'builtins', class_name: 'function', config: 'my_act', registered_name: 'function' },
    };
    expect(problem(named, undefined, [null, 3])).toContain('"my_act"');
  });

  it('gives way to a definition under the name of the layer', () => {
    const own = defineLayer({
      name: 'layer',
      config: {},
      call: (_config, _weights, [x], ops) => ops.concatenate([x!, x!], { axis: 1 }),
    });
    const inferred = inferShapes('Lambda', lambda('3.11', "__import__('os')"), [[null, 3]], customObjects([own]));
    expect(inferred.calls[0]?.outputShapes).toEqual([[null, 6]]);
  });

  it('takes a function that the file only names from the user', () => {
    const named = {
      function: { module: 'builtins', class_name: 'function', config: 'halve', registered_name: 'function' },
    };
    const halve = defineActivation({ name: 'halve', call: (x, ops) => ops.divide(x, 2) });
    const inferred = inferShapes('Lambda', named, [[null, 3]], customObjects([halve]));
    expect([inferred.findings, inferred.calls[0]?.outputShapes]).toEqual([[], [[null, 3]]]);
  });

  it('looks names up as the Keras that wrote them does', () => {
    const named = (line: string): JsonObject => ({
      function: { module: 'builtins', class_name: 'function', config: 'gelu', registered_name: 'function' },
      made_by: { line, keras: null, backend: null },
    });
    expect(shapesOf(named('keras3'), [null, 3])).toEqual([[null, 3]]);
    expect(problem(named('tf.keras'), undefined, [null, 3])).toContain('"gelu"');
    const keras = { module: 'keras.activations', class_name: 'function', config: 'gelu', registered_name: 'gelu' };
    expect(shapesOf({ function: keras }, [null, 3])).toEqual([[null, 3]]);
  });
});
