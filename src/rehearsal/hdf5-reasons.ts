/** What libhdf5 says of each kind of damage that our own reader finds. Texts: libhdf5's error stack, its innermost entry. */

import type { RawProblem } from '../artefacts/raw/index.ts';

const reasons: { readonly [code: string]: string } = {
  'hdf5-superblock-version': 'bad superblock version number',
  'hdf5-address-size': 'bad byte number in an address',
  'hdf5-object-header-version': 'bad object header version number',
  'hdf5-object-type': 'unable to determine object type',
  'hdf5-global-heap': 'bad global heap collection signature',
  'hdf5-local-heap': 'bad local heap signature',
  'hdf5-symbol-table': 'bad symbol table node signature',
  'hdf5-btree': 'wrong B-tree signature',
  'hdf5-outside-file': 'addr overflow',
  'hdf5-cut-short': 'addr overflow',
};

/** The text in brackets. `where` says what was being done. */
export function hdf5Reason(problem: RawProblem | null, where: 'open' | 'attribute' | 'object'): string {
  const known = problem ? reasons[problem.code] : undefined;
  if (known) return known;
  return where === 'open' ? 'bad object header version number' : 'unable to determine object type';
}
