import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { memorySource } from '../../src/bytes/memory.ts';
import { readFrozenGraph } from '../../src/tensorflow/frozen-graph.ts';
import { loweringOf } from '../../src/tensorflow/lower/registry.ts';
import { readMetaGraphs } from '../../src/tensorflow/saved-model.ts';
import { sharedFolder } from '../support/corpus.ts';

const folder = join(sharedFolder(), 'thirdparty');
const index = join(folder, 'index.jsonl');
if (!existsSync(index)) console.warn(`skipped: no artefacts of third parties in ${folder}`);

/** TF1's loops are recognised as a whole, by their nodes. */
const loops = new Set(['Enter', 'Exit', 'NextIteration', 'LoopCond']);
const graphFile = /(^|\/)(saved_model|frozen\w*)\.pb$/;

function graphs(): string[] {
  const lines = existsSync(index) ? readFileSync(index, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map(line => (JSON.parse(line) as { file: string }).file).filter(file => graphFile.test(file));
}

it.skipIf(!existsSync(index))(
  'every operation in graphs of third parties is on the list',
  async () => {
    const unknown = new Map<string, string>();
    let seen = 0;
    for (const file of graphs()) {
      const source = memorySource(new Uint8Array(readFileSync(join(folder, file))), file);
      const frozen = await readFrozenGraph(source);
      const metaGraphs = frozen ? [frozen] : (await readMetaGraphs(source)).metaGraphs;
      for (const metaGraph of metaGraphs) {
        const functions = metaGraph.functions();
        const nodes = [...metaGraph.graph().node, ...functions.names.flatMap(name => functions.get(name).nodeDef)];
        seen += nodes.length;
        for (const { op } of nodes) if (!functions.has(op) && !loweringOf(op) && !loops.has(op)) unknown.set(op, file);
      }
    }
    expect(seen).toBeGreaterThan(1000);
    expect([...unknown]).toEqual([]);
  },
  60_000,
);
