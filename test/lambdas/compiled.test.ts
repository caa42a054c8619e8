/**
 * Functions that CPython 2.7 and 3.6 to 3.14 compiled (test/fixtures/lambdas): each is told to be of its Python, and
 * its source comes back as it was written.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PythonVersion, readCode } from '../../src/containers/marshal/index.ts';
import { sourceOf } from '../../src/lambdas/decompile/index.ts';
import { disassemble } from '../../src/lambdas/disassembly.ts';
import { decodeBase64 } from '../../src/lambdas/encoding.ts';
import { plausiblePythons } from '../../src/lambdas/pythons.ts';

type Compiled = { [python in PythonVersion]?: { [source: string]: string } };

const compiled = JSON.parse(
  readFileSync(new URL('../fixtures/lambdas/compiled.json', import.meta.url), 'utf8'),
) as Compiled;
const versions = Object.keys(compiled) as PythonVersion[];

/** What comes back where the compiler already simplified, or bytecode keeps less than the source. */
const otherwise: { [source: string]: string | null } = {
  'lambda x: x if True else -x': 'lambda x: x',
  'lambda x: not x.shape[0] is None': 'lambda x: x.shape[0] is not None',
  'lambda x: 7 // 2 * x % 5 + (1 << 3) - 12345678901234567890': 'lambda x: 3 * x % 5 + 8 - 12345678901234567890',
};

/** Functions whose form differs from what was written (early returns, docstrings), or has no source form here. */
const isShown = (source: string) => source.startsWith('lambda') && !/=None|lambda x, \/|mean=0\./.test(source);

describe.each(versions)('functions compiled by Python %s', python => {
  const functions = Object.entries(compiled[python] ?? {}).map(([source, text]) => {
    return [source.replace(/^# from .*\n/, ''), readCode(decodeBase64(text) ?? new Uint8Array())] as const;
  });

  it('are told to be of that Python', () => {
    for (const [source, read] of functions) expect(plausiblePythons(read).pythons, source).toContain(python);
  });

  it('give their source back', () => {
    const shown = functions.filter(([source]) => isShown(source));
    expect(shown.length).toBeGreaterThan(30);
    for (const [source, read] of shown) {
      const found = sourceOf(read.code, python);
      expect([source, otherwise[source]], source).toContain(found);
    }
  });

  it('are listed as instructions with what they name', () => {
    const [, read] = functions.find(([source]) => source.includes('l2_normalize')) ?? [];
    const listing = disassemble(read!.code, python);
    expect(listing).toContain('l2_normalize');
    expect(listing.split('\n')[0]).toContain('<lambda>(x)');
  });
});

describe('sourceOf', () => {
  const of = (source: string, python: PythonVersion = '3.11') =>
    sourceOf(readCode(decodeBase64(compiled[python]![source]!)!).code, python);

  it('recovers statements', () => {
    const branches = Object.keys(compiled['3.11']!).find(source => source.includes("mode == 'min'"))!;
    expect(of(branches)).toBe(
      [
        'def f(x, mode):',
        "    if mode == 'max':",
        '        return tf.reduce_max(x, axis=1)',
        "    if mode == 'min':",
        '        return tf.reduce_min(x, axis=1)',
        '    return tf.reduce_mean(x, axis=1)',
      ].join('\n'),
    );
  });

  it('recovers loops and assertions', () => {
    const checks = Object.keys(compiled['3.8']!).find(source => source.includes('assert'))!;
    expect(of(checks, '3.8')).toContain("    assert len(x) == 2, 'two inputs'\n");
    const loop = Object.keys(compiled['3.13']!).find(source => source.includes('enumerate'))!;
    expect(of(loop, '3.13')).toBe(loop.replace(/^# from .*\n/, ''));
  });

  it('says nothing where it would say less than the code', () => {
    for (const python of versions) {
      const guarded = Object.keys(compiled[python]!).find(source => source.includes('except'))!;
      expect(of(guarded, python)).toBeNull();
      const repeated = Object.keys(compiled[python]!).find(source => source.includes('while'))!;
      expect(of(repeated, python)).toBeNull();
    }
  });
});
