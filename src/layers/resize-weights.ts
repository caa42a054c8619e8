/**
 * Which cells of an axis make each cell of the resized axis, and with what weights, as TensorFlow's kernels have them
 * (resize_bicubic_op.cc, resize_area_op.cc, scale_and_translate_op.cc). All of them treat the axes one by one, so that
 * a table of weights for each axis says everything.
 */

export const interpolations = [
  'nearest',
  'bilinear',
  'bilinear_legacy',
  'bicubic',
  'area',
  'lanczos3',
  'lanczos5',
  'gaussian',
  'mitchellcubic',
] as const;

export type Interpolation = (typeof interpolations)[number];

interface Kernel {
  readonly radius: number;
  weight(distance: number): number;
}

function lanczos(radius: number): Kernel {
  return {
    radius,
    weight: x => {
      if (x > radius) return 0;
      if (x <= 1e-3) return 1;
      return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2;
    },
  };
}

const cubic: Kernel = {
  radius: 2,
  weight: x => {
    if (x >= 2) return 0;
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
  },
};

const gaussianDeviation = 0.5;

/** Kernels of scale_and_translate, which also does every antialiased resizing. */
const kernels: { readonly [name: string]: Kernel } = {
  bilinear: { radius: 1, weight: x => Math.max(0, 1 - x) },
  bicubic: cubic,
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  gaussian: {
    radius: 3 * gaussianDeviation,
    weight: x => (x >= 3 * gaussianDeviation ? 0 : Math.exp(-(x * x) / (2 * gaussianDeviation ** 2))),
  },
  mitchellcubic: {
    radius: 2,
    weight: x => {
      if (x >= 2) return 0;
      return x >= 1 ? (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9 : ((7 / 6) * x - 2) * x * x + 8 / 9;
    },
  },
};

/** Steps in which resize_bicubic rounds the place between two cells. */
const cubicSteps = 1024;

/** Weights (output, input) of one axis, for every interpolation that is no mere choice or mean of two neighbours. */
export function resizeWeights(from: number, to: number, interpolation: Interpolation, antialias: boolean): number[][] {
  if (interpolation === 'area') return areaWeights(from, to);
  if (interpolation === 'bicubic' && !antialias) return cubicWeights(from, to);
  return sampledWeights(from, to, kernels[interpolation]!, antialias);
}

function sampledWeights(from: number, to: number, kernel: Kernel, antialias: boolean): number[][] {
  const step = from / to;
  const stretch = antialias ? Math.max(step, 1) : 1;
  const reach = kernel.radius * stretch;
  return Array.from({ length: to }, (_, cell) => {
    const centre = (cell + 0.5) * step;
    const first = Math.min(Math.max(Math.ceil(centre - reach - 0.5), 0), from - 1);
    const last = Math.min(Math.max(Math.floor(centre + reach - 0.5), 0), from - 1);
    const weights = new Array<number>(from).fill(0);
    for (let at = first; at <= last; at += 1) weights[at] = kernel.weight(Math.abs(at + 0.5 - centre) / stretch);
    return normalized(weights);
  });
}

/** Four neighbours; those outside count nothing, and the rest is scaled up for them. */
function cubicWeights(from: number, to: number): number[][] {
  return Array.from({ length: to }, (_, cell) => {
    const place = (cell + 0.5) * (from / to) - 0.5;
    const base = Math.floor(place);
    const fraction = Math.round((place - base) * cubicSteps) / cubicSteps;
    const weights = new Array<number>(from).fill(0);
    for (let offset = -1; offset <= 2; offset += 1) {
      const at = base + offset;
      if (at >= 0 && at < from) weights[at] = cubic.weight(Math.abs(offset - fraction));
    }
    return normalized(weights);
  });
}

/** Every output cell is the mean of what it covers, cells covered in part counting in part. */
function areaWeights(from: number, to: number): number[][] {
  const step = from / to;
  return Array.from({ length: to }, (_, cell) => {
    const [begin, end] = [cell * step, (cell + 1) * step];
    return Array.from(
      { length: from },
      (_unused, at) => Math.max(0, Math.min(end, at + 1) - Math.max(begin, at)) / step,
    );
  });
}

function normalized(weights: number[]): number[] {
  const total = weights.reduce((left, right) => left + right, 0);
  return total === 0 ? weights : weights.map(weight => weight / total);
}
