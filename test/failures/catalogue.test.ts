import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOutcomes } from '../../eval/doctor/outcomes.ts';
import { catalogue, failureOf } from '../../src/failures/catalogue/index.ts';
import { explain } from '../../src/failures/explain/explain.ts';
import { sharedFolder } from '../support/corpus.ts';

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

/** Ids that the code can emit: words beside `failure`, and those of the catalogue among all others. */
function emitted(): Set<string> {
  const ids = new Set<string>();
  for (const path of sources('src/rehearsal')) {
    const text = readFileSync(path, 'utf8');
    for (const [, id] of text.matchAll(/failure: (?:[^,'\n]*\? )?'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)) ids.add(id!);
    for (const [, id] of text.matchAll(/(?:differs|remark)\(run, '([a-z0-9-]+)'/g)) ids.add(id!);
    for (const [, id] of text.matchAll(/\bfault\(\s*'([a-z0-9-]+)'/g)) ids.add(id!);
  }
  return ids;
}

describe('the catalogue of failures', () => {
  it('has a file for every id that a rehearsal can name', () => {
    const ids = emitted();
    expect(ids.size).toBeGreaterThan(25);
    expect([...ids].filter(id => !failureOf(id))).toEqual([]);
  });

  it('says why, what to do and where the facts come from', () => {
    for (const { id, title, why, mends, sources: facts } of catalogue) {
      expect([id, title.length > 10, why.length > 30, mends.length > 0, facts.length > 0]).toEqual([
        id,
        true,
        true,
        true,
        true,
      ]);
    }
  });
});

const definitions = join(sharedFolder(), 'failures.md');
const reports = join(sharedFolder(), 'reports.jsonl');

/** Ids that a recorded outcome or a real report names. */
function proven(): Set<string> {
  const ids = new Set<string>();
  for (const line of readFileSync(reports, 'utf8').split('\n').filter(Boolean)) {
    const { cause, acceptable_from_text: others } = JSON.parse(line) as {
      cause: string;
      acceptable_from_text: string[];
    };
    for (const id of [cause, ...others]) ids.add(id);
  }
  const outcomes = readOutcomes();
  const general = JSON.parse(readFileSync(join(outcomes!.folder, 'causes.json'), 'utf8')) as Record<string, string>;
  for (const { expected_cause: cause } of outcomes!.cases.values())
    if (cause) ids.add(cause).add(general[cause] ?? cause);
  const left = new Set(catalogue.map(({ id }) => id).filter(id => !ids.has(id)));
  const messages = new Set(outcomes!.rows.map(({ exc, message }) => `${exc}: ${message?.slice(0, 300)}`));
  for (const message of messages) {
    if (left.size === 0) break;
    for (const { failure } of explain(message).causes) if (left.delete(failure)) ids.add(failure);
  }
  return ids;
}

const there = existsSync(definitions) && existsSync(reports) && readOutcomes() !== null;
if (!there) console.warn('no corpus and reports beside the clone: what proves the failures is not looked at');

describe.skipIf(!there)('beside the corpus', () => {
  it('has every id that was told apart', () => {
    const told = [...readFileSync(definitions, 'utf8').matchAll(/^- ((?:`[a-z0-9-]+`(?:, )?)+)/gm)].flatMap(([, ids]) =>
      [...ids!.matchAll(/`([a-z0-9-]+)`/g)].map(([, id]) => id!),
    );
    expect(told.length).toBeGreaterThan(50);
    expect(told.filter(id => !failureOf(id))).toEqual([]);
  });

  it('is proved, failure by failure, by a recorded outcome or a real report', () => {
    const ids = proven();
    expect(catalogue.map(({ id }) => id).filter(id => !ids.has(id))).toEqual([]);
  });
});
