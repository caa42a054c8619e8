/** Starting from compiled code: taken where it fits, refused where it is of another program, never in the way. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCompiled } from '../../cli/compiled.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-compiled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program whose `main` gives its answer and whether it could require. */
function write(answer: number): void {
  writeFileSync(
    join(folder, 'program.js'),
    `const { sep } = require('node:path');\nexports.main = async () => [${answer}, sep, __dirname];\n`,
  );
}

describe('compiled code', () => {
  it('is kept for the next start of the same command', async () => {
    write(1);
    const first = loadCompiled(folder, 'inspect');
    expect(first.ready).toBe(false);
    const answer = await first.program.main([]);
    expect(answer).toEqual([1, expect.stringMatching(/[/\\]/), folder]);
    first.keep();
    const second = loadCompiled(folder, 'inspect');
    expect(second.ready).toBe(true);
    expect(await second.program.main([])).toEqual(answer);
    expect(loadCompiled(folder, 'run').ready).toBe(false);
  });

  it('is whole or not there: nothing else is left in the folder', () => {
    expect(readdirSync(folder).filter(name => !/^program\.js$|^inspect-.*\.compiled$/.test(name))).toEqual([]);
  });

  it('that is damaged or of another program is not taken', async () => {
    const [cache] = readdirSync(folder).filter(name => name.endsWith('.compiled'));
    writeFileSync(join(folder, cache!), 'not compiled code');
    // Of the same text V8 would remember in this process what it compiled.
    write(12);
    const given = loadCompiled(folder, 'inspect');
    expect(given.ready).toBe(false);
    expect(await given.program.main([])).toHaveLength(3);
    given.keep();
    write(1234);
    const other = loadCompiled(folder, 'inspect');
    expect(other.ready).toBe(false);
    expect(await other.program.main([])).toEqual([1234, expect.anything(), folder]);
  });

  it('is not kept where the folder cannot be written to, and that is no fault', () => {
    write(5);
    const given = loadCompiled(folder, 'doctor/none');
    expect(() => given.keep()).not.toThrow();
  });
});
