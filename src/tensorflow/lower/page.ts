/** The reference page of TensorFlow's operations, out of the registry. */

import { purposes } from './families/aside.ts';
import { families } from './registry.ts';

const titles: Readonly<Record<string, string>> = {
  arithmetic: 'Arithmetic',
  comparison: 'Comparison and choice',
  elementwise: 'Element by element',
  activations: 'Activations',
  reduction: 'Reductions, running results, largest elements',
  shapes: 'Shapes',
  indexing: 'Indexing',
  groups: 'Groups of rows, results as large as the data say',
  linear: 'Products of matrices',
  matrices: 'Linear algebra',
  signal: 'Complex numbers and Fourier transforms',
  convolution: 'Convolutions',
  pooling: 'Pooling',
  images: 'Pictures',
  padding: 'Padding',
  normalization: 'Normalizations',
  variables: 'Constants, inputs, variables',
  control: 'Calls and branches',
  loops: 'Loops',
  lists: 'Tensor lists',
  tensorArrays: 'Tensor arrays (TF1)',
  tables: 'Lookup tables',
  strings: 'Strings and ragged rows',
};

/** Markdown; the same for the same registry. */
export function tensorflowOpsPage(): string {
  const count = Object.values(families).reduce((sum, family) => sum + Object.keys(family).length, 0);
  const sections = Object.entries(families).map(([name, family]) => {
    const ops = Object.keys(family)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map(op => `\`${op}\``);
    return `## ${titles[name] ?? name}\n\n${ops.join(', ')}\n`;
  });
  const asides = purposes.map(
    ({ title, why, ops }) => `- ${title}: ${ops.map(op => `\`${op}\``).join(', ')}. Each ${why}.`,
  );
  return [
    '# Operations of TensorFlow that Loadstone runs\n',
    `Written by \`npx tsx scripts/tensorflow-ops.ts\` from \`src/tensorflow/lower/families\`; ${count} operations.`,
    'A graph may hold others as long as no result that is wanted needs them. Loops of TF1 (`Enter`, `Exit`,',
    '`NextIteration`, `LoopCond`, with `Merge` and `Switch`) are recognised as a whole.\n',
    ...sections,
    '## Known and never run\n',
    'They stand in graphs beside what a model computes; a result that needs one is refused, with the reason.\n',
    ...asides,
    '',
  ].join('\n');
}
