/** Preprocessing of pictures: what is random passes them through. */

import autoContrast from './auto-contrast.ts';
import equalization from './equalization.ts';
import pipeline from './pipeline.ts';
import random from './random.ts';

export default [...random, autoContrast, equalization, pipeline];
