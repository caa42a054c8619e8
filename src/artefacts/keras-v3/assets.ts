/** Files that layers keep beside their variables (vocabularies): `assets/` and the layer's path in the weights. */

import type { Folder } from '../../bytes/folder.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Era } from '../../eras/era.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Layer, Model } from '../../model/types.ts';
import { dialectsFor, layerPaths } from './paths.ts';

/** Assets by the path of the layer that owns them. */
type AssetFiles = ReadonlyMap<string, { readonly [name: string]: ByteSource }>;

/** The model with the files of `assets/` at the layers that own them. What no layer owns is a finding. */
export async function attachAssets(model: Model, folder: Folder, era: Era, findings: Finding[]): Promise<Model> {
  const files = await assetFiles(folder);
  if (files.size === 0) return model;
  const candidates = dialectsFor(era).map(dialect =>
    layerPaths(
      model,
      '',
      dialect,
      layer => `${layer.name} ${JSON.stringify(layer.config)}`,
      layer => layer.weights.length > 0,
    ),
  );
  const found = (paths: ReadonlyMap<Layer, string>) =>
    [...paths.values()].filter(path => owned(files, path).length > 0).length;
  const best = candidates.reduce((a, b) => (found(b) > found(a) ? b : a));
  const claimed = new Set([...best.values()].flatMap(path => owned(files, path)));
  for (const path of files.keys()) {
    if (claimed.has(path)) continue;
    const what = `the files in assets/${path} belong to no layer of the config`;
    findings.push({ code: 'asset-without-layer', severity: 'warning', what, at: { path: `assets/${path}` } });
  }
  return withAssets(model, files, best);
}

async function assetFiles(folder: Folder): Promise<AssetFiles> {
  const files = new Map<string, { [name: string]: ByteSource }>();
  for (const path of (await folder.list()) ?? []) {
    const match = /^assets\/(.+)\/([^/]+)$/.exec(path);
    const source = match && (await folder.file(path));
    if (match && source) files.set(match[1]!, { ...files.get(match[1]!), [match[2]!]: source });
  }
  return files;
}

/** Paths of files that belong to the layer at `path`: its own, and those of hidden layers inside it. */
function owned(files: AssetFiles, path: string): string[] {
  return [...files.keys()].filter(at => at === path || at.startsWith(`${path}/_`));
}

function withAssets(model: Model, files: AssetFiles, paths: ReadonlyMap<Layer, string>): Model {
  const layers = model.layers.map((layer): Layer => {
    const path = paths.get(layer);
    const inner = layer.model ? withAssets(layer.model, files, paths) : layer.model;
    const inside = path === undefined ? [] : owned(files, path);
    // TextVectorization writes its vocabulary twice, once for the lookup inside; its own goes over.
    const assets = Object.assign({}, ...inside.sort((a, b) => b.length - a.length).map(at => files.get(at)));
    return inside.length > 0 || inner !== layer.model ? { ...layer, assets, model: inner } : layer;
  });
  return { ...model, layers };
}
