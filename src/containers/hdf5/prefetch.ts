/** Reads the metadata of a whole subtree level by level, so that a slow source is asked seldom. */

import { type Context, findingFrom, within } from './context.ts';
import { openObject } from './objects.ts';
import type { Hdf5Group, Hdf5Object } from './types.ts';

/** Warms what is below `path`. Damage is reported, never thrown. */
export async function prefetchBelow(context: Context, root: Hdf5Group, path: string): Promise<void> {
  const start =
    path.replaceAll('/', '') === '' ? root : await attempt(context, root.get(path, { signal: context.signal }));
  const seen = new Set<number>();
  let level: Hdf5Object[] = start ? [start] : [];
  while (level.length > 0) {
    const groups = level.filter(object => object.kind === 'group' && !seen.has(object.offset));
    for (const group of groups) seen.add(group.offset);
    const below = await Promise.all(groups.map(group => open(context, group as Hdf5Group)));
    level = below.flat();
  }
}

async function open(context: Context, group: Hdf5Group): Promise<Hdf5Object[]> {
  const options = { signal: context.signal };
  // Attributes too: their texts lie in heaps elsewhere in the file.
  const [links] = await Promise.all([
    attempt(context, group.links(options)).then(found => found ?? []),
    attempt(context, group.attributes(options)),
  ]);
  const objects = links.map(link => {
    if (link.kind !== 'hard') return null;
    const inside = within(context, group.path === '/' ? `/${link.name}` : `${group.path}/${link.name}`);
    return attempt(inside, openObject(inside, link.offset));
  });
  return (await Promise.all(objects)).filter(object => object !== null);
}

async function attempt<T>(context: Context, reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    findingFrom(context, error);
    return null;
  }
}
