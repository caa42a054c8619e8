/**
 * Every HDF5 file of the corpus and of what third parties published, alone or inside a `.keras` archive, read by us and
 * by libhdf5. Sound files must agree in every attribute and byte; damaged ones must end in findings. That takes two
 * minutes, so only some of the files are taken unless `LOADSTONE_WHOLE_CORPUS` is set.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/bytes/memory.ts';
import { isHdf5, openHdf5 } from '../../../src/containers/hdf5/index.ts';
import { isLoadstoneError } from '../../../src/findings/errors.ts';
import { artefactPath, corpusCases, corpusFolder, sharedFolder } from '../../support/corpus.ts';
import { withFile } from '../../support/hdf5-fixtures.ts';
import { type Comparison, compareWithJudge } from '../../support/hdf5-judge.ts';
import { walkAll } from '../../support/hdf5-walk.ts';

const folder = corpusFolder();
/** One of so many files is taken. */
const step = process.env.LOADSTONE_WHOLE_CORPUS ? 1 : 16;

/** Every so many-th of a list. */
function some<T>(all: Iterable<T>): T[] {
  return [...all].filter((_, index) => index % step === 0);
}

const published = join(sharedFolder(), 'thirdparty');

interface Candidate {
  name: string;
  bytes: Uint8Array;
}

/** The file itself, and HDF5 members of an archive. Broken archives have none. */
function* hdf5In(path: string): Generator<Candidate> {
  if (!existsSync(path) || !statSync(path).isFile()) return;
  const bytes = new Uint8Array(readFileSync(path));
  yield { name: path, bytes };
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return;
  try {
    const members = unzipSync(bytes, {
      filter: ({ name, originalSize }) => name.endsWith('.h5') && originalSize < 2 ** 30,
    });
    for (const [name, member] of Object.entries(members)) yield { name: `${path}!${name}`, bytes: member };
  } catch {
    // The archive's business, not ours.
  }
}

function* filesBelow(path: string): Generator<string> {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(below);
    else yield below;
  }
}

/** What is said against a file; nothing for one that agrees. Null for what is no HDF5. */
async function judge({ name, bytes }: Candidate): Promise<{ against: string[]; compared: Comparison | null } | null> {
  const source = memorySource(bytes, name);
  if (!(await isHdf5(source))) return null;
  const file = await openHdf5(source);
  const compared = await withFile(bytes, path => compareWithJudge(file, path));
  const findings = file.findings
    .filter(finding => finding.severity === 'error')
    .map(finding => `${finding.code} ${finding.what}`);
  return {
    against: [...compared.differences, ...findings, ...compared.skipped.map(path => `skipped ${path}`)],
    compared,
  };
}

if (!folder) console.warn('SKIPPED: no corpus beside the clone, so its HDF5 files are not compared with libhdf5');

describe.skipIf(!folder)('the corpus', () => {
  it('agrees with libhdf5 in every sound file', async () => {
    const sums = { files: 0, objects: 0, attributes: 0, bytes: 0 };
    const against: string[] = [];
    for (const entry of some(corpusCases(folder!).filter(({ family }) => !family.startsWith('fault')))) {
      for (const candidate of hdf5In(artefactPath(folder!, entry))) {
        const judged = await judge(candidate);
        if (!judged) continue;
        sums.files += 1;
        for (const key of ['objects', 'attributes', 'bytes'] as const) sums[key] += judged.compared?.[key] ?? 0;
        against.push(...judged.against.map(text => `${candidate.name}: ${text}`));
      }
    }
    console.info('compared with libhdf5:', JSON.stringify(sums));
    expect(against).toEqual([]);
    expect(sums.files).toBeGreaterThan(4000 / step);
  }, 600_000);

  it('survives every damaged file, and says what is wrong with those that libhdf5 refuses', async () => {
    let damaged = 0;
    const silent: string[] = [];
    for (const entry of some(corpusCases(folder!).filter(({ family }) => family.startsWith('fault')))) {
      for (const { name, bytes } of hdf5In(artefactPath(folder!, entry))) {
        const started = performance.now();
        const found = await problems(name, bytes);
        expect(performance.now() - started, name).toBeLessThan(10_000);
        if (found === null) continue;
        damaged += 1;
        const refused = await refusedByJudge(name, bytes);
        if (refused && found.length === 0) silent.push(`${name}: ${refused}`);
      }
    }
    expect(damaged).toBeGreaterThan(400 / step);
    expect(silent).toEqual([]);
  }, 600_000);
});

/** Everything we say about the file; null where it is no HDF5. Only errors of ours may come. */
async function problems(name: string, bytes: Uint8Array): Promise<string[] | null> {
  const source = memorySource(bytes, name);
  if (!(await isHdf5(source))) return null;
  try {
    const file = await openHdf5(source);
    const { errors } = await walkAll(file);
    for (const { error } of errors) if (!isLoadstoneError(error)) throw error;
    return file.findings.map(finding => finding.code);
  } catch (error) {
    if (!isLoadstoneError(error)) throw error;
    return [error.code];
  }
}

/** Why libhdf5 cannot read the file as we do; null where it can. */
async function refusedByJudge(name: string, bytes: Uint8Array): Promise<string | null> {
  try {
    const file = await openHdf5(memorySource(bytes, name));
    const { differences } = await withFile(bytes, path => compareWithJudge(file, path));
    return differences[0] ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe.skipIf(!existsSync(published))('what third parties published', () => {
  it('agrees with libhdf5 in every file', async () => {
    const against: string[] = [];
    let files = 0;
    for (const path of some(filesBelow(published))) {
      for (const candidate of hdf5In(path)) {
        const judged = await judge(candidate).catch(error => ({ against: [String(error)], compared: null }));
        if (!judged) continue;
        files += 1;
        against.push(...judged.against.map(text => `${candidate.name.slice(published.length + 1)}: ${text}`));
      }
    }
    expect(files).toBeGreaterThan(400 / step);
    // A file of nothing but a signature, and one whose point is a filter that nobody has for free.
    expect(
      against.filter(text => !/keras_model\.h5: .*addresses of 0|compressed\.h5: .*(szip|skipped)/.test(text)),
    ).toEqual([]);
  }, 300_000);
});
