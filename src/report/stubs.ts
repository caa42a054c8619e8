/**
 * Definitions to fill in for the custom objects that an artefact needs: TypeScript in the form that `--custom` loads,
 * with what the artefact tells of each class (its arguments, its weights) already there.
 */

import type { Artefact, Json, JsonObject, Layer } from '../model/types.ts';
import { allLayers, placedWeights } from '../model/walk.ts';

/** The text of a module. Empty list of objects: a module that says so. */
export function stubsText(artefact: Artefact): string {
  const layers = new Map<string, Layer>();
  for (const layer of artefact.model ? allLayers(artefact.model) : []) {
    if (layer.origin === 'custom' && !layers.has(layer.className)) layers.set(layer.className, layer);
  }
  const others = artefact.customObjects.filter(
    ({ kind, name }) => kind !== 'layer' && kind !== 'model' && !layers.has(name),
  );
  const names = new Set<string>(layers.size > 0 ? ['defineLayer', ...fieldsUsed([...layers.values()])] : []);
  const bodies = [...layers.values()].map(layerStub);
  for (const { name, kind } of uniqueBy(others, other => `${other.kind} ${other.name}`)) {
    const stub = otherStub(name, kind);
    names.add(stub.uses);
    bodies.push(stub.text);
  }
  if (bodies.length === 0) return '// This artefact needs no custom objects.\nexport default [];\n';
  return `import { ${[...names].sort().join(', ')} } from 'loadstone';\n\nexport default [\n${bodies.join('\n')}\n];\n`;
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map(item => [key(item), item])).values()];
}

const base = new Set(['name', 'trainable', 'dtype', 'batch_input_shape', 'batch_shape', 'build_config', 'autocast']);

function argumentsOf(config: JsonObject): [string, Json][] {
  return Object.entries(config).filter(([key]) => !base.has(key));
}

/** `alpha_max` → `alphaMax`, quoted where it is no identifier. */
function camel(key: string): string {
  const name = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^[A-Za-z$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function fieldOf(key: string, value: Json): string {
  if (/(^|_)activation$/.test(key)) return 'activation()';
  if (typeof value === 'boolean') return `bool(${value})`;
  if (typeof value === 'number') return Number.isInteger(value) ? `int(${value})` : `float(${value})`;
  if (typeof value === 'string') return `text(${JSON.stringify(value)})`;
  return 'json()';
}

function fieldsUsed(layers: readonly Layer[]): string[] {
  return layers.flatMap(layer =>
    argumentsOf(layer.config).map(([key, value]) => fieldOf(key, value).replace(/\(.*$/s, '')),
  );
}

function layerStub(layer: Layer): string {
  const fields = argumentsOf(layer.config).map(([key, value]) => `${camel(key)}: ${fieldOf(key, value)}`);
  const weights = placedWeights(layer).map(
    ({ place, shape }) => `${camel(place.replaceAll('/', '_'))}: [${(shape ?? []).join(', ')}]`,
  );
  const names = weights.map(weight => weight.slice(0, weight.indexOf(':')));
  const given =
    layer.registeredName && layer.registeredName !== layer.className ? `, registered as ${layer.registeredName}` : '';
  return [
    `  // Layer "${layer.name}"${given}. Say what it computes; weights stand in the order in which the file keeps them.`,
    '  defineLayer({',
    `    name: ${JSON.stringify(layer.className)},`,
    `    config: { ${fields.join(', ')} },`,
    ...(weights.length > 0 ? [`    weights: () => ({ ${weights.join(', ')} }),`] : []),
    `    call: (config, { ${names.filter(name => !name.startsWith('"')).join(', ')} }, [x], ops) => {`,
    `      throw new Error('say what ${layer.className} computes');`,
    '    },',
    '  }),',
  ].join('\n');
}

function otherStub(name: string, kind: string): { uses: string; text: string } {
  const quoted = JSON.stringify(name);
  if (kind === 'activation' || kind === 'function') {
    return {
      uses: 'defineActivation',
      text: `  defineActivation({ name: ${quoted}, call: (x, ops) => x }), // say what it computes`,
    };
  }
  if (kind === 'loss') return { uses: 'defineLoss', text: `  defineLoss({ name: ${quoted} }),` };
  if (kind === 'metric') return { uses: 'defineMetric', text: `  defineMetric({ name: ${quoted} }),` };
  return { uses: 'defineNamed', text: `  defineNamed(${JSON.stringify(kind)}, ${quoted}),` };
}
