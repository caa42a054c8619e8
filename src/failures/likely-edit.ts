/**
 * The smallest edit that explains why weights do not fit an architecture: layers added or left out, another number of
 * units, other features coming in. Both sides are aligned in order at the least cost; what merely follows from an edit
 * further up (the next kernel's first size) is not told again.
 */

/** One layer's weights as far as they are compared. */
export interface SizedLayer {
  readonly name: string;
  /** Keras's class; null where only the file is known. */
  readonly className: string | null;
  readonly shapes: readonly Shape[];
}

type Shape = readonly number[];

/** A layer beside its counterpart; null for a side that has none. */
type Row = readonly [wanted: SizedLayer | null, stored: SizedLayer | null];

/** The edit as a sentence without its full stop; null where all fits in order. */
export function likelyEdit(wanted: readonly SizedLayer[], stored: readonly SizedLayer[]): string | null {
  if (wanted.length * stored.length > mostCompared) return null;
  const rows = align(wanted, stored);
  const told: string[] = [...onlyIn(rows, 0, 'the file lacks'), ...onlyIn(rows, 1, 'the architecture lacks')];
  let edited = false;
  for (const [layer, held] of rows) {
    if (layer && held && !sameShapes(layer.shapes, held.shapes)) {
      const own = widthEdit(layer, held) ?? (edited ? null : featuresEdit(layer, held));
      if (own) told.push(own);
      edited = true;
    } else if (!layer || !held) edited = true;
  }
  if (told.length === 0) return null;
  const shown = told.length > most ? [...told.slice(0, most), `${told.length - most} more layers differ so`] : told;
  return told.length === 1 ? `${told[0]}; that alone can explain every difference` : shown.join('; ');
}

/** Edits told; more than that is another architecture. */
const most = 4;

/** Pairs of layers that are compared: a thousand on each side take a fraction of a second. */
const mostCompared = 1_000_000;

function onlyIn(rows: readonly Row[], side: 0 | 1, words: string): string[] {
  const alone = rows.filter(row => row[1 - side] === null).map(row => `"${row[side]?.name}"`);
  if (alone.length === 0) return [];
  const others = alone.length > most ? ` and ${alone.length - most} more layers` : '';
  return [`${words} ${alone.slice(0, most).join(', ')}${others}`];
}

/** The same shapes, in whatever order the file lists them. */
export function sameShapes(a: readonly Shape[], b: readonly Shape[]): boolean {
  return sizesOf(a) === sizesOf(b);
}

function sizesOf(shapes: readonly Shape[]): string {
  return listed(shapes.map(shape => shape.join('×')));
}

function ranksOf(shapes: readonly Shape[]): string {
  return listed(shapes.map(shape => String(shape.length)));
}

function listed(items: readonly string[]): string {
  return [...items].sort().join(' ');
}

/** A layer with what its comparison asks for, worked out once. */
interface Compared {
  readonly layer: SizedLayer;
  readonly sizes: string;
  readonly ranks: string;
}

function compared(layer: SizedLayer): Compared {
  return { layer, sizes: sizesOf(layer.shapes), ranks: ranksOf(layer.shapes) };
}

/** Cost of setting two layers side by side; to leave both alone costs 2. Names break ties. */
function distance(wanted: Compared, stored: Compared): number {
  const renamed = wanted.layer.name === stored.layer.name ? 0 : 0.01;
  if (wanted.sizes === stored.sizes) return renamed;
  return wanted.ranks === stored.ranks ? 1 + renamed : Number.POSITIVE_INFINITY;
}

/** Least cost from each place on (Wagner and Fischer's edit distance), then the way along it. */
function align(wanted: readonly SizedLayer[], stored: readonly SizedLayer[]): Row[] {
  const [left, right] = [wanted.map(compared), stored.map(compared)];
  const rest = Array.from({ length: wanted.length + 1 }, () => new Float64Array(stored.length + 1));
  const at = (row: number, column: number) => rest[row]?.[column] ?? Number.POSITIVE_INFINITY;
  const pair = (row: number, column: number) => {
    const [one, other] = [left[row], right[column]];
    return one && other ? distance(one, other) + at(row + 1, column + 1) : Number.POSITIVE_INFINITY;
  };
  for (let row = wanted.length; row >= 0; row -= 1) {
    for (let column = stored.length; column >= 0; column -= 1) {
      const isEnd = row === wanted.length && column === stored.length;
      const best = Math.min(pair(row, column), 1 + at(row + 1, column), 1 + at(row, column + 1));
      (rest[row] as Float64Array)[column] = isEnd ? 0 : best;
    }
  }
  const rows: Row[] = [];
  for (let row = 0, column = 0; row < wanted.length || column < stored.length; ) {
    const both = at(row, column) === pair(row, column);
    const alone = !both && at(row, column) === 1 + at(row + 1, column);
    rows.push([both || alone ? (wanted[row] ?? null) : null, alone ? null : (stored[column] ?? null)]);
    if (both || alone) row += 1;
    if (!alone) column += 1;
  }
  return rows;
}

/** The argument that gives a kernel its last size, and how many times it stands in it (the gates of a recurrent layer). */
const widths: Readonly<Record<string, readonly [argument: string, times: number]>> = {
  Dense: ['units', 1],
  SimpleRNN: ['units', 1],
  GRU: ['units', 3],
  LSTM: ['units', 4],
  Conv1D: ['filters', 1],
  Conv2D: ['filters', 1],
  Conv3D: ['filters', 1],
  SeparableConv1D: ['filters', 1],
  SeparableConv2D: ['filters', 1],
  ConvLSTM1D: ['filters', 4],
  ConvLSTM2D: ['filters', 4],
  ConvLSTM3D: ['filters', 4],
  Embedding: ['output_dim', 1],
};

/** The layer's own output has another size; null where only what comes in differs. */
function widthEdit({ name, className, shapes }: SizedLayer, stored: SizedLayer): string | null {
  const [argument, times] = widths[className ?? ''] ?? [];
  if (!argument || !times) return null;
  const [kernel, held] = kernels(shapes, stored.shapes);
  const [want, has] = [kernel?.at(-1), held?.at(-1)];
  if (want === undefined || has === undefined || want === has) {
    const vocabulary = className === 'Embedding' && kernel && held && kernel[0] !== held[0];
    return vocabulary ? `"${name}" has input_dim=${kernel[0]} in the architecture and ${held[0]} in the file` : null;
  }
  return `"${name}" has ${argument}=${want / times} in the architecture and ${has / times} in the file`;
}

/** What comes in has another size, and nothing above tells why. */
function featuresEdit({ name, shapes }: SizedLayer, stored: SizedLayer): string {
  const [kernel, held] = kernels(shapes, stored.shapes);
  const axis = kernel?.findIndex((size, index) => size !== held?.[index]) ?? -1;
  const shown = (shape: Shape | undefined) => `(${shape?.join(', ')})`;
  if (!kernel || !held || axis < 0) return `"${name}" has other weights in the architecture than in the file`;
  if (axis < kernel.length - 2) {
    return `"${name}" has a kernel of ${shown(kernel.slice(0, -2))} in the architecture and of ${shown(held.slice(0, -2))} in the file`;
  }
  if (kernel.length < 2)
    return `"${name}" has ${kernel[axis]} features in the architecture and ${held[axis]} in the file`;
  return `"${name}" is given ${kernel[axis]} features in the architecture and ${held[axis]} in the file`;
}

/** The first weight of each side with the most axes: the kernel, before the bias. */
function kernels(wanted: readonly Shape[], stored: readonly Shape[]): readonly [Shape | undefined, Shape | undefined] {
  const rank = Math.max(...wanted.map(shape => shape.length));
  return [wanted.find(shape => shape.length === rank), stored.find(shape => shape.length === rank)];
}
