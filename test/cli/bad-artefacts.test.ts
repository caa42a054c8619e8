/** What is no artefact, and inputs that no model takes: for every command the promised exit code and one line. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/program.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { memorySink } from '../../src/bytes/sink.ts';
import { readNpz, writeNpy, writeNpz } from '../../src/containers/npy/index.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'models', 'mnist_cnn--tf-2.15.1--keras');
const [model, input] = [join(folder, 'model.keras'), join(folder, 'in.npz')];
const scratch = mkdtempSync(join(tmpdir(), 'loadstone-bad-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pickle = Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x28, 0x58, 1, 0, 0, 0, 0x61, 0x4b, 1, 0x75, 0x2e);
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

/** Each written as `model.h5`: what its line must say. */
const files: readonly (readonly [name: string, content: Uint8Array | string | null, says: RegExp])[] = [
  ['an empty file', '', /the file is empty/],
  ['a folder', null, /no artefact of Keras/],
  ['a picture', encode({ width: 1, height: 1, data: new Uint8Array(3), channels: 3 }), /PNG picture/],
  ['a page', '<!DOCTYPE html>\n<html><body>Sign in</body></html>\n', /HTML page/],
  ['a git-LFS pointer', pointer, /git-LFS pointer/],
  ['a pickle', pickle, /Python pickle/],
  ['plain text', 'hello there\n', /plain text/],
];

function written(name: string, content: Uint8Array | string | null): string {
  const home = join(scratch, name.replaceAll(' ', '-'));
  const path = join(home, 'model.h5');
  mkdirSync(content === null ? path : home, { recursive: true });
  if (content !== null) writeFileSync(path, content);
  return path;
}

/** Every command that takes an artefact and must open it. */
const commands: readonly (readonly [name: string, words: (path: string) => string[]])[] = [
  ['inspect', path => [path]],
  ['run', path => [path, '--input', input]],
  ['mend', path => [path, '--for', 'keras==3.10.0', '-o', join(scratch, 'out.keras')]],
  ['convert', path => [path, join(scratch, 'out.h5')]],
  ['check-input', path => [path, input]],
  ['transfer', path => [path, model, '-o', join(scratch, 'out.h5')]],
];

async function called(words: readonly string[]): Promise<{ out: string; err: string; exit: number }> {
  const written = { out: '', err: '' };
  const keep = (stream: 'out' | 'err') => (chunk: unknown) => {
    written[stream] += String(chunk);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('err')),
  ];
  try {
    await main(words);
    return { ...written, exit: Number(process.exitCode) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = 0;
  }
}

async function refused(words: readonly string[], exit: number, says: RegExp, artefact: string): Promise<void> {
  const text = await called(words);
  expect(text).toMatchObject({ out: '', exit });
  expect(text.err.trimEnd().split('\n')).toHaveLength(1);
  expect(text.err).toMatch(says);
  expect(text.err).not.toMatch(/\n\s+at |unforeseen/);
  const json = await called([...words, '--json']);
  expect(json).toMatchObject({ err: '', exit });
  const { error, ...rest } = JSON.parse(json.out) as { error: Record<string, string> };
  expect(rest).toEqual({ artefact });
  expect(error).toEqual({
    code: expect.any(String),
    what: expect.stringMatching(/./),
    where: expect.stringMatching(/./),
    do: expect.any(String),
  });
}

describe.each(commands)('%s', (command, words) => {
  it.each(files)('refuses %s by one line, exit 3', async (name, content, says) => {
    const path = written(name, content);
    await refused([command, ...words(path)], 3, says, path);
  });

  it('refuses a path where nothing is, exit 2', async () => {
    const path = join(scratch, 'missing', 'model.h5');
    await refused([command, ...words(path)], 2, /no such file/, path);
  });
});

describe('several artefacts', () => {
  it('are all answered; the exit code is the highest', async () => {
    const bad = written('an empty file', '');
    const { out, exit } = await called(['inspect', bad, model, join(scratch, 'none.h5'), '--json']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { error?: object; format?: string });
    expect(lines.map(line => line.format ?? Object.keys(line.error ?? {}).length)).toEqual([4, 'keras-v3', 4]);
    expect(exit).toBe(3);
  });
});

describe('env and repro', () => {
  const path = join(scratch, 'missing', 'model.h5');
  it.each([
    ['env', path, '--as', 'pip'],
    ['repro', path, '--env', 'keras==3.10.0'],
  ])('%s refuses a path where nothing is', async (...words) => {
    await refused(words, 2, /no such file/, path);
  });
});

describe('doctor', () => {
  it.each(files)('answers %s as the loader would', async (name, content) => {
    const path = written(name, content);
    const { out, err, exit } = await called(['doctor', path, '--env', 'keras==3.10.0', '--json']);
    expect([err, exit]).toEqual(['', 1]);
    expect(JSON.parse(out)).toMatchObject({ artefact: path, outcome: 'fails', failure: expect.any(String) });
  });
});

describe('run', async () => {
  const given = (await readNpz(memorySource(new Uint8Array(readFileSync(input))))).get('in_0')!;
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(scratch, name), bytes);
    return join(scratch, name);
  };
  const npz = async (name: string, arrays: Record<string, typeof given>) => {
    const sink = memorySink();
    await writeNpz(new Map(Object.entries(arrays)), sink);
    return file(name, sink.bytes());
  };
  const texts = { dtype: 'string', shape: [1, 28, 28, 1], data: Array.from({ length: 784 }, () => 'a') } as const;

  it.each([
    ['of the wrong shape', await npz('shape.npz', { in_0: { ...given, shape: [given.data.length] } }), /shape|needs 4/],
    ['of the wrong dtype', file('dtype.npy', writeNpy(texts)), /string|number/],
    ['too many', await npz('two.npz', { in_0: given, in_1: given }), /1 input|in_0/],
    ['by a name that is none', await npz('name.npz', { picture: given }), /in_0|named/],
    ['cut off', file('cut.npz', new Uint8Array(readFileSync(input)).subarray(0, 60)), /./],
    ['a picture of no known kind', file('picture.png', Uint8Array.of(1, 2, 3)), /./],
  ])('refuses inputs %s, exit 2', async (_, path, says) => {
    await refused(['run', model, '--input', path], 2, says, model);
  });
});
