import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySink } from '../../../src/bytes/sink.ts';
import { writeZip, type ZipEntry } from '../../../src/containers/zip/writer.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadstone-zip-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function entry(name: string, content: Uint8Array): ZipEntry {
  return { name, size: content.length, chunks: () => [content.subarray(0, 5), content.subarray(5)] };
}

const files: Record<string, Uint8Array> = {
  'metadata.json': new TextEncoder().encode('{"keras_version": "3.10.0"}'),
  'assets/wörter.txt': new TextEncoder().encode('a\nb'),
  'model.weights.h5': Uint8Array.from({ length: 70_000 }, (_, index) => index % 251),
  empty: new Uint8Array(0),
};

async function write(): Promise<Uint8Array> {
  const sink = memorySink();
  await writeZip(
    Object.entries(files).map(([name, content]) => entry(name, content)),
    sink,
  );
  return sink.bytes();
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import zipfile']);
    return true;
  } catch {
    return false;
  }
}

describe('the zip writer', () => {
  it('writes what another library reads', async () => {
    const read = unzipSync(await write());
    expect(Object.keys(read)).toEqual(Object.keys(files));
    for (const [name, content] of Object.entries(files)) expect(read[name]).toEqual(content);
  });

  it('starts members at multiples of 64', async () => {
    const bytes = await write();
    const content = files['model.weights.h5'] as Uint8Array;
    const at = Buffer.from(bytes).indexOf(Buffer.from(content.subarray(0, 200)));
    expect(at % 64).toBe(0);
  });

  it.skipIf(!hasPython())("satisfies Python's zipfile, checksums included", async () => {
    const path = join(folder, 'a.zip');
    writeFileSync(path, await write());
    const script =
      'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(), z.namelist(), z.infolist()[0].date_time)';
    const said = execFileSync('python3', ['-X', 'utf8', '-c', script, path], { encoding: 'utf8' });
    expect(said.trim()).toBe(
      "None ['metadata.json', 'assets/wörter.txt', 'model.weights.h5', 'empty'] (1980, 1, 1, 0, 0, 0)",
    );
  });

  it('gives the same bytes every time', async () => {
    expect(await write()).toEqual(await write());
  });

  it('refuses a member of another length than promised', async () => {
    const wrong = { ...entry('a', Uint8Array.of(1, 2)), size: 3 };
    await expect(writeZip([wrong], memorySink())).rejects.toMatchObject({ code: 'damaged' });
  });
});
