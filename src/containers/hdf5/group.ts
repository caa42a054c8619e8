/** Groups: names, links and what they lead to. */

import type { ReadOptions } from '../../bytes/source.ts';
import { type Context, during, report, shareOnce, within } from './context.ts';
import { type LinksRead, readLinks } from './links.ts';
import type { ObjectHeader } from './object-header.ts';
import { objectBase, openObject } from './objects.ts';
import type { Hdf5Group, Hdf5Link, Hdf5Object } from './types.ts';

/** The group of this header. Its links are read when first asked for, and kept. */
export function openGroup(context: Context, header: ObjectHeader): Hdf5Group {
  const read = async (options?: ReadOptions): Promise<LinksRead> =>
    shareOnce(during(context, options), `links ${header.offset}`, lasting => readLinks(lasting, header));
  const group: Hdf5Group = {
    kind: 'group',
    ...objectBase(context, header),
    links: async options => [...(await read(options)).links],
    names: async options => (await read(options)).links.map(link => link.name),
    get: async (path, options) => follow(during(context, options), group, path, context.limits.depth),
  };
  linkReaders.set(group, read);
  return group;
}

/** How a group's links are read with the damage that was met, which `names` and `links` leave out. */
const linkReaders = new WeakMap<Hdf5Group, (options?: ReadOptions) => Promise<LinksRead>>();

/**
 * The object at `path` from `start`; null where a name is missing. `hops` bounds soft links, so that a circle of them
 * ends. Throws the damage of a group in which the name could not be looked for.
 */
async function follow(context: Context, start: Hdf5Group, path: string, hops: number): Promise<Hdf5Object | null> {
  let current: Hdf5Object = start;
  if (path.startsWith('/') && start.path !== '/') current = await openObject(within(context, '/'), context.rootOffset);
  for (const name of path.split('/').filter(part => part !== '' && part !== '.')) {
    if (current.kind !== 'group') return null;
    const next = await step(context, current, name, hops);
    if (next === null) return null;
    current = next;
  }
  return current;
}

async function step(context: Context, group: Hdf5Group, name: string, hops: number): Promise<Hdf5Object | null> {
  const { byName, damage } = await linkReaders.get(group)!({ signal: context.signal });
  const link = byName.get(name);
  if (link) return openLink(within(context, join(group.path, name)), group, link, hops);
  if (damage) throw damage;
  return null;
}

async function openLink(context: Context, group: Hdf5Group, link: Hdf5Link, hops: number): Promise<Hdf5Object | null> {
  if (link.kind === 'hard') return openObject(context, link.offset);
  if (link.kind === 'soft' && hops > 0) return follow(context, group, link.target, hops - 1);
  reportLink(context, link);
  return null;
}

/** Says why a link is not followed. */
export function reportLink(context: Context, link: Hdf5Link): void {
  if (link.kind === 'external') {
    report(context, 'warning', {
      code: 'hdf5-external-link',
      what: `it is a link to “${link.target}” in another file, “${link.file}”, which is not followed`,
      facts: { file: link.file, target: link.target },
    });
  } else if (link.kind === 'soft') {
    report(context, 'error', {
      code: 'hdf5-link-cycle',
      what: `the soft link to “${link.target}” leads from link to link without an end`,
      facts: { target: link.target },
    });
  } else if (link.kind === 'user') {
    report(context, 'warning', {
      code: 'hdf5-user-link',
      what: `it is a link of the user-defined type ${link.type}, which nothing but its writer can follow`,
      facts: { type: link.type },
    });
  }
}

function join(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}
