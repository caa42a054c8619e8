/** Functions of `tf.linalg`, `tf.signal`, `tf.strings`, and those of `tf.math` that are more than another name. */

import type { Ops } from '../../ops/index.ts';
import {
  changeCase,
  joinTexts,
  matchesWhole,
  parseNumbers,
  replaceMatches,
  stripSpace,
  textLength,
} from '../../ops/strings.ts';
import type { SizeLike, SymbolicTensor, TensorLike } from '../../ops/types.ts';
import type { Given } from './row.ts';
import { functions, optionalNumber, type Table, tensor } from './tensorflow-functions.ts';
import { readDType, readSizes } from './values.ts';

/** The parts of a matrix on the diagonals from `lower` below to `upper` above the main one; all of a side where negative. */
function band(x: TensorLike, lower: number, upper: number, ops: Ops): SymbolicTensor {
  const above = upper < 0 ? ops.convertToTensor(x) : ops.tril(x, { k: upper });
  return lower < 0 ? above : ops.triu(above, { k: -lower });
}

/** True on the main diagonal of the last two axes. */
function onDiagonal(x: SymbolicTensor, ops: Ops): SymbolicTensor {
  const [rows, columns] = ops.shape(x).slice(-2) as [SizeLike, SizeLike];
  return ops.cast(ops.eye(rows, { m: columns }), 'bool');
}

const linear: Table = {
  ...functions('linalg.band_part compat.v1.matrix_band_part', 'input num_lower num_upper', (given, ops) =>
    band(tensor(given('input')), given('num_lower') as number, given('num_upper') as number, ops),
  ),
  ...functions('linalg.diag_part linalg.tensor_diag_part', 'input k', (given, ops) =>
    ops.diagonal(tensor(given('input')), { offset: optionalNumber(given('k')) ?? 0, axis1: -2, axis2: -1 }),
  ),
  ...functions('linalg.diag compat.v1.matrix_diag', 'diagonal', (given, ops) => {
    const column = ops.expandDims(tensor(given('diagonal')), -1);
    return ops.multiply(column, ops.eye(ops.shape(column).at(-2)!, { dtype: column.dtype }));
  }),
  ...functions('linalg.set_diag compat.v1.matrix_set_diag', 'input diagonal', (given, ops) => {
    const x = ops.convertToTensor(tensor(given('input')));
    return ops.where(onDiagonal(x, ops), ops.expandDims(tensor(given('diagonal')), -1), x);
  }),
  ...functions('linalg.trace', 'x', (given, ops) => ops.trace(tensor(given('x')), { axis1: -2, axis2: -1 })),
  ...functions('linalg.inv linalg.pinv', 'input', (given, ops) => ops.inv(tensor(given('input', 'a')))),
  ...functions('linalg.det', 'input', (given, ops) => ops.det(tensor(given('input')))),
  ...functions('linalg.logdet', 'matrix', (given, ops) => ops.logdet(tensor(given('matrix')))),
  ...functions('linalg.slogdet', 'input', (given, ops) => ops.slogdet(tensor(given('input')))),
  ...functions('linalg.cholesky', 'input', (given, ops) => ops.cholesky(tensor(given('input')))),
  ...functions('linalg.solve', 'matrix rhs adjoint', (given, ops) => {
    const matrix = tensor(given('matrix'));
    return ops.solve(given('adjoint') === true ? ops.swapaxes(matrix, -2, -1) : matrix, tensor(given('rhs')));
  }),
  ...functions('linalg.triangular_solve', 'matrix rhs lower', (given, ops) =>
    ops.solveTriangular(tensor(given('matrix')), tensor(given('rhs')), { lower: given('lower') !== false }),
  ),
  ...functions('linalg.eigh linalg.self_adjoint_eig', 'tensor', (given, ops) => ops.eigh(tensor(given('tensor')))),
  ...functions('linalg.qr', 'input', (given, ops) => ops.qr(tensor(given('input')))),
  ...functions('linalg.matvec', 'a b transpose_a', (given, ops) => {
    const a = tensor(given('a'));
    const product = ops.matmul(
      given('transpose_a') === true ? ops.swapaxes(a, -2, -1) : a,
      ops.expandDims(tensor(given('b')), -1),
    );
    return ops.squeeze(product, { axis: -1 });
  }),
  ...functions('linalg.cross', 'a b', (given, ops) => ops.cross(tensor(given('a')), tensor(given('b')))),
  ...functions('eye linalg.eye', 'num_rows num_columns', (given, ops) =>
    ops.eye(given('num_rows') as SizeLike, { m: (given('num_columns') ?? null) as SizeLike | null }),
  ),
};

/** The next power of two, as `enclosing_power_of_two`. */
function enclosing(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}

/** Short-time Fourier transform without padding at the ends, under a periodic Hann window. */
function shortTime(given: Given, ops: Ops): SymbolicTensor {
  const length = given('frame_length') as number;
  const frames = ops.extractSequences(tensor(given('signals')), length, given('frame_step') as number);
  const window = Array.from({ length }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / length));
  const fftLength = optionalNumber(given('fft_length')) ?? enclosing(length);
  return ops.makeComplex(...ops.rfft(ops.multiply(frames, window), { fftLength }));
}

/** The second kind of discrete cosine transform along the last axis, as a product with its matrix. */
function cosines(x: SymbolicTensor, orthonormal: boolean, ops: Ops): SymbolicTensor {
  const size = x.shape.at(-1) as number;
  const scale = (k: number) => (orthonormal ? Math.sqrt((k === 0 ? 1 : 2) / size) / 2 : 1);
  const matrix = Array.from({ length: size }, (_, n) =>
    Array.from({ length: size }, (_, k) => 2 * scale(k) * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size))),
  );
  return ops.matmul(x, ops.cast(matrix, x.dtype));
}

const signals: Table = {
  ...functions('signal.rfft', 'input_tensor fft_length', (given, ops) => {
    const length = given('fft_length');
    const fftLength = optionalNumber(Array.isArray(length) ? length[0] : length);
    return ops.makeComplex(...ops.rfft(tensor(given('input_tensor', 'input')), { fftLength }));
  }),
  ...functions('signal.irfft', 'input_tensor fft_length', (given, ops) => {
    const x = tensor(given('input_tensor', 'input'));
    const length = given('fft_length');
    const fftLength = optionalNumber(Array.isArray(length) ? length[0] : length);
    return ops.irfft([ops.real(x), ops.imag(x)], { fftLength });
  }),
  ...functions('signal.fft', 'input', (given, ops) => {
    const x = tensor(given('input'));
    return ops.makeComplex(...ops.fft([ops.real(x), ops.imag(x)]));
  }),
  ...functions('signal.stft', 'signals frame_length frame_step fft_length', shortTime),
  ...functions('signal.frame', 'signal frame_length frame_step', (given, ops) =>
    ops.extractSequences(tensor(given('signal')), given('frame_length') as number, given('frame_step') as number),
  ),
  ...functions('signal.dct', 'input type n axis norm', (given, ops) =>
    cosines(ops.convertToTensor(tensor(given('input'))), given('norm') === 'ortho', ops),
  ),
  ...functions('math.real', 'input', (given, ops) => ops.real(tensor(given('input')))),
  ...functions('math.imag', 'input', (given, ops) => ops.imag(tensor(given('input')))),
  ...functions('math.angle', 'input', (given, ops) => ops.angle(tensor(given('input')))),
  ...functions('math.conj', 'x', (given, ops) => ops.conj(tensor(given('x')))),
  ...functions('complex dtypes.complex', 'real imag', (given, ops) =>
    ops.makeComplex(tensor(given('real')), tensor(given('imag'))),
  ),
};

const counting: Table = {
  ...functions('math.reciprocal_no_nan', 'x', (given, ops) => ops.divideNoNan(1, tensor(given('x')))),
  ...functions('math.xdivy', 'x y', (given, ops) => {
    const x = tensor(given('x'));
    return ops.where(ops.equal(x, 0), 0, ops.divide(x, tensor(given('y'))));
  }),
  ...functions('math.bessel_i0', 'x', (given, ops) => ops.i0(tensor(given('x')))),
  ...functions('math.cumprod', 'x axis', (given, ops) =>
    ops.cumprod(tensor(given('x')), { axis: optionalNumber(given('axis')) ?? 0 }),
  ),
  ...functions('argsort', 'values axis direction', (given, ops) => {
    const values = tensor(given('values'));
    const turned = given('direction') === 'DESCENDING' ? ops.negative(values) : values;
    return ops.argsort(turned, { axis: optionalNumber(given('axis')) ?? -1 });
  }),
  ...functions('math.polyval', 'coeffs x', (given, ops) =>
    (given('coeffs') as readonly TensorLike[]).reduce((sum, coefficient) =>
      ops.add(ops.multiply(sum, tensor(given('x'))), coefficient),
    ),
  ),
  ...functions('clip_by_norm', 't clip_norm axes', (given, ops) => {
    const [x, most] = [tensor(given('t')), tensor(given('clip_norm'))];
    const axis = (given('axes') ?? null) as number | readonly number[] | null;
    const norm = ops.sqrt(ops.sum(ops.square(x), { axis, keepdims: true }));
    return ops.divide(ops.multiply(x, most), ops.maximum(norm, most));
  }),
  ...functions('sequence_mask', 'lengths maxlen dtype', (given, ops) => {
    const lengths = ops.convertToTensor(tensor(given('lengths')));
    const most = given('maxlen') ?? ops.max(lengths);
    const places = ops.cast(ops.arange(most as SizeLike), lengths.dtype);
    const mask = ops.less(places, ops.expandDims(lengths, -1));
    return given('dtype') == null ? mask : ops.cast(mask, readDType(given('dtype'), 'sequence_mask'));
  }),
  ...functions('searchsorted', 'sorted_sequence values side', (given, ops) =>
    ops.searchsorted(tensor(given('sorted_sequence')), tensor(given('values')), {
      side: given('side') === 'right' ? 'right' : 'left',
    }),
  ),
  ...functions('math.segment_sum', 'data segment_ids', (given, ops) =>
    ops.segmentSum(tensor(given('data')), tensor(given('segment_ids'))),
  ),
  ...functions('math.unsorted_segment_sum', 'data segment_ids num_segments', (given, ops) =>
    ops.segmentSum(tensor(given('data')), tensor(given('segment_ids')), {
      numSegments: given('num_segments') as SizeLike,
    }),
  ),
  ...functions('tensor_scatter_nd_update', 'tensor indices updates', (given, ops) =>
    ops.scatterUpdate(tensor(given('tensor')), tensor(given('indices')), tensor(given('updates'))),
  ),
  ...functions('tensor_scatter_nd_add', 'tensor indices updates', (given, ops) =>
    ops.scatterUpdate(tensor(given('tensor')), tensor(given('indices')), tensor(given('updates')), {
      reduction: 'add',
    }),
  ),
  ...functions('scatter_nd', 'indices updates shape', (given, ops) => {
    const shape = readSizes(given('shape'), x => ops.unstack(x as SymbolicTensor, { axis: 0 }));
    return ops.scatter(tensor(given('indices')), tensor(given('updates')), shape);
  }),
};

const texts: Table = {
  ...functions('strings.lower', 'input encoding', given =>
    changeCase(tensor(given('input')), 'lower', { unicode: given('encoding') === 'utf-8' }),
  ),
  ...functions('strings.upper', 'input encoding', given =>
    changeCase(tensor(given('input')), 'upper', { unicode: given('encoding') === 'utf-8' }),
  ),
  ...functions('strings.strip', 'input', given => stripSpace(tensor(given('input')))),
  ...functions('strings.length', 'input name unit', given =>
    textLength(tensor(given('input')), given('unit') === 'UTF8_CHAR' ? 'character' : 'byte'),
  ),
  ...functions('strings.regex_replace', 'input pattern rewrite replace_global', given =>
    replaceMatches(tensor(given('input')), given('pattern') as string, given('rewrite') as string, {
      all: given('replace_global') !== false,
    }),
  ),
  ...functions('strings.regex_full_match', 'input pattern', given =>
    matchesWhole(tensor(given('input')), given('pattern') as string),
  ),
  ...functions('strings.join', 'inputs separator', given =>
    joinTexts(given('inputs') as readonly TensorLike[], (given('separator') ?? '') as string),
  ),
  ...functions('strings.to_number', 'input out_type', given =>
    parseNumbers(tensor(given('input')), readDType(given('out_type') ?? 'float32', 'to_number') as 'float32'),
  ),
  ...functions('strings.to_hash_bucket_fast', 'input num_buckets', (given, ops) =>
    ops.hashBuckets(tensor(given('input')), given('num_buckets') as number),
  ),
  ...functions('strings.to_hash_bucket_strong', 'input num_buckets key', (given, ops) => {
    const [first, second] = (given('key') as readonly number[]).map(BigInt);
    return ops.hashBuckets(tensor(given('input')), given('num_buckets') as number, { salt: [first!, second!] });
  }),
  ...functions('strings.as_string as_string', 'input', (given, ops) => ops.toText(tensor(given('input')))),
};

export const tensorflowAlgebra: Table = { ...linear, ...signals, ...counting, ...texts };
