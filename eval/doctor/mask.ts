/** Messages with paths, ids and numbers taken out, so that what remains is the loader's own wording. */

export function firstLine(message: string): string {
  return message.split('\n')[0]!;
}

/** For comparing a foreseen message with the recorded one, which was cut at 1,500 characters. */
export function maskLine(message: string): string {
  return firstLine(message.slice(0, 1500))
    .replaceAll(/0x[0-9a-f]+/g, '0x')
    .replaceAll(/(?:[\w.-]*\/)+[\w.-]+/g, 'PATH')
    .replaceAll(/\d+/g, 'N');
}

/** For grouping rows by kind of outcome. */
export function maskKind(message: string): string {
  return message
    .replaceAll(/'[^']*'/g, 'X')
    .replaceAll(/"[^"]*"/g, 'X')
    .replaceAll(/\{.*\}/gs, '{..}')
    .replaceAll(/\[.*?\]/gs, '[..]')
    .replaceAll(/\(.*?\)/gs, '(..)')
    .replaceAll(/<.*?>/gs, '<..>')
    .replaceAll(/\d+/g, 'N')
    .replaceAll(/(Unknown [a-z ]+: ?)\S+/g, '$1NAME')
    .replaceAll(/(Invalid [a-z ]+: ?)\S+/g, '$1NAME')
    .slice(0, 160);
}

/** Items by key, in order of first appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
