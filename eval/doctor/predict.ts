/** Reads each artefact once and rehearses it in every environment and mode that was tried. */

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type RawArtefact, readRawArtefact } from '../../src/artefacts/raw/index.ts';
import { memorySource } from '../../src/bytes/memory.ts';
import { nodeFolder } from '../../src/bytes/node/folder.ts';
import { type Environment, parseEnvironment } from '../../src/rehearsal/environments/index.ts';
import type { GivenInput } from '../../src/rehearsal/predict/given.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';
import type { Architecture, RunOptions } from '../../src/rehearsal/run.ts';
import type { CorpusCase } from '../../test/support/corpus.ts';
import type { Row } from './agreement.ts';
import { architectureCase, architectureOf } from './architectures.ts';
import { readGiven } from './inputs.ts';
import { groupBy } from './mask.ts';
import type { OutcomeRow, Outcomes } from './outcomes.ts';

/** `cache`: a file that keeps the raw facts from one run to the next. */
export async function predictAll(
  outcomes: Outcomes,
  wanted: readonly OutcomeRow[],
  cache: string | null,
): Promise<Row[]> {
  const kept: Record<string, RawArtefact> = cache && existsSync(cache) ? deserialize(readFileSync(cache)) : {};
  const inputs = new Map<string, readonly GivenInput[] | null>();
  const givenTo = async (id: string) => {
    if (!inputs.has(id)) inputs.set(id, await readGiven(outcomes.folder, id));
    return inputs.get(id)!;
  };
  const environments = new Map<string, Environment>();
  const rows: Row[] = [];
  const byCase = groupBy(wanted, row => row.case);
  let added = 0;
  const made = new Map<string, Architecture | null>();
  const read = async (id: string) => {
    if (!kept[id]) {
      kept[id] = await readCase(outcomes.folder, outcomes.cases.get(id)!);
      added += 1;
    }
    return kept[id]!;
  };
  const architectureFor = async (row: OutcomeRow) => {
    const { builder } = outcomes.cases.get(row.case)!;
    const key = `${builder} ${row.env}`;
    if (!made.has(key)) {
      const found = architectureCase(outcomes.cases.values(), builder, row.env);
      made.set(key, found ? architectureOf(await read(found.id), builder) : null);
    }
    return made.get(key)!;
  };
  for (const [id, group] of byCase) {
    await read(id);
    for (const row of group) {
      if (!environments.has(row.env)) environments.set(row.env, parseEnvironment(row.env));
      const architecture = row.mode === 'weights' ? await architectureFor(row) : null;
      rows.push({
        row,
        foreseen: foresee(kept[id]!, environments.get(row.env)!, row, { architecture, inputs: await givenTo(id) }),
      });
    }
  }
  if (cache && added > 0) writeFileSync(cache, serialize(kept));
  return rows;
}

function foresee(
  raw: RawArtefact,
  environment: Environment,
  row: OutcomeRow,
  options: Pick<RunOptions, 'architecture' | 'inputs'>,
): Row['foreseen'] {
  try {
    return rehearse(raw, environment, row.mode, { firstOnly: true, ...options });
  } catch (error) {
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

export async function readCase(folder: string, entry: CorpusCase): Promise<RawArtefact> {
  const path = join(folder, 'cases', entry.id, entry.artefact);
  const home = existsSync(dirname(path)) ? dirname(path) : join(folder, 'cases', entry.id);
  const beside = await nodeFolder(home);
  try {
    if (!existsSync(path)) return await readRawArtefact({ kind: 'missing', path: entry.artefact, beside });
    if (statSync(path).isDirectory()) {
      const inside = await nodeFolder(path);
      const raw = await readRawArtefact({ kind: 'folder', path: entry.artefact, folder: inside });
      await inside.close();
      return raw;
    }
    const source = memorySource(readFileSync(path), entry.artefact);
    return await readRawArtefact({ kind: 'file', path: entry.artefact, source, beside });
  } finally {
    await beside.close();
  }
}
