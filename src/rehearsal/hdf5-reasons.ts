/** What libhdf5 says of each kind of damage that our own reader finds. Texts: libhdf5's error stack, its innermost entry. */

import type { RawProblem } from '../artefacts/raw/index.ts';

const reasons: { readonly [code: string]: string } = {
  'hdf5-superblock-version': 'bad superblock version number',
  'hdf5-address-size': 'bad byte number in an address',
  'hdf5-object-header-version': 'bad object header version number',
  'hdf5-object-type': 'unable to determine object type',
  'hdf5-message-alignment': 'message not aligned',
  'hdf5-message-flags': 'bad flag combination for message',
  'hdf5-message-size': 'message size exceeds buffer end',
  'hdf5-message-count': 'corrupt object header',
  'hdf5-continuation-cycle': 'corrupt object header',
  'hdf5-global-heap-signature': 'bad global heap collection signature',
  'hdf5-global-heap-object': 'bad heap index, heap object',
  'hdf5-local-heap-signature': 'bad local heap signature',
  'hdf5-local-heap-free': 'free block size is zero?',
  'hdf5-local-heap-offset': 'unable to offset into local heap data block',
  'hdf5-symbol-node-signature': 'bad symbol table node signature',
  'hdf5-symbol-cache-type': 'unknown symbol table entry cache type',
  'hdf5-symbol-entry': 'unable to determine object type',
  'hdf5-btree-signature': 'wrong B-tree signature',
  'hdf5-attribute-size': 'unable to get dataspace size',
  'hdf5-layout': 'unable to get dataset layout',
  'hdf5-datatype': 'unable to load datatype info from dataset header',
  'hdf5-outside-file': 'addr overflow',
  'hdf5-size': 'addr overflow',
  'hdf5-cut-short': 'actual len exceeds EOA',
};

/** The text in brackets. `where` says what was being done. */
export function hdf5Reason(problem: RawProblem | null, where: 'open' | 'attribute' | 'object'): string {
  const known = problem ? reasons[problem.code] : undefined;
  if (known) return known;
  return where === 'open' ? 'bad object header version number' : 'unable to determine object type';
}
