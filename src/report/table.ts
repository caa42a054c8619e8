/** Tables of text: columns as wide as their longest cell within bounds, long cells cut with an ellipsis. */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Widest that it may get. */
  readonly max?: number;
}

/** Lines of a table with its titles and a rule beneath them. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, index) => {
    const longest = Math.max(column.title.length, ...rows.map(row => (row[index] ?? '').length));
    return Math.min(longest, column.max ?? 60);
  });
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => padded(cell, widths[index]!, columns[index]!.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1));
  return [line(columns.map(column => column.title)), rule, ...rows.map(line)];
}

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width);
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `1234567` bytes → `1.2 MB`; Keras's own summary divides by 1024 too. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** `1234567` → `1,234,567`. */
export function grouped(count: number): string {
  // Not toLocaleString: it loads the whole of ICU, which takes longer than all the rest of a summary.
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
