/** Layers that only Keras 1 had. TimeDistributedDense and the Convolution names are brought to today's by readers. */

import activations from './activations.ts';
import denseVariants from './dense-variants.ts';
import merge from './merge.ts';

export default [merge, ...denseVariants, ...activations];
