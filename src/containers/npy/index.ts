/** NumPy's files: one array (`.npy`), several (`.npz`). */

export { readNpz, writeNpz } from './archive.ts';
export { readNpy, writeNpy } from './array.ts';
export { isNpy } from './header.ts';
