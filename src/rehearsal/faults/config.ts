/** Faults of the stored config: commands in it, files that it reads, words that its writer did not have. */

import type { RawArtefact } from '../../artefacts/raw/index.ts';
import { isKerasName } from '../../eras/signatures/index.ts';
import { configText, parsedConfig } from '../infer-raw.ts';
import { storedBy } from '../stored.ts';
import { type Fault, fault } from './types.ts';
import { eachObject } from './walk.ts';

/** Modules of Python itself: their functions in a config are no custom objects but commands. */
const commands =
  /"module":\s*"(?:os|posix|nt|sys|subprocess|shutil|socket|importlib|runpy|pickle|marshal|ctypes|code|pty|webbrowser)(?:\.[\w.]+)?"|"module":\s*"builtins"[^{}]*"(?:eval|exec|compile|open|__import__|getattr)"/;

export function foreignCode(raw: RawArtefact): Fault | null {
  const found = commands.exec(configText(raw) ?? '');
  if (!found) return null;
  const text = `the config names ${found[0]}: a loader that took it would run a command`;
  return fault('malicious-config', text, 'config');
}

/** Layers that read their vocabulary from the path that stands in the config, wherever they are loaded. */
export function vocabularyPath(raw: RawArtefact): Fault | null {
  for (const { className, config, where } of eachObject(parsedConfig(raw))) {
    const { vocabulary } = config;
    if (typeof vocabulary !== 'string' || vocabulary === '' || !/Lookup|TextVectorization/.test(className)) continue;
    const text = `${className} reads its vocabulary from "${vocabulary}" on the machine where it is loaded`;
    return fault('file-read-via-vocabulary-path', text, where);
  }
  return null;
}

/** What only one of the dialects says. */
const words: readonly (readonly [1 | 2 | 3, RegExp])[] = [
  [1, /"(?:nb_filter|border_mode|W_regularizer|b_regularizer|inner_init|subsample)":/],
  [2, /"(?:kernel_initializer|bias_initializer|data_format|use_bias|embeddings_initializer)":/],
  [3, /"batch_shape":|"class_name":\s*"DTypePolicy"|"module":\s*"keras\.src\.models/],
];

/** The attribute says one Keras, the config speaks another's language: one of them was written over. */
export function contradiction(raw: RawArtefact): Fault | null {
  const { keras } = storedBy(raw);
  const text = configText(raw);
  if (keras === null || text === null || !versionIsStated(raw)) return null;
  const major = Number(keras.split('.')[0]);
  const spoken = words.filter(([, pattern]) => pattern.test(text)).map(([dialect]) => dialect);
  if (major === 2 && spoken.includes(3)) {
    const [word] = words[2]![1].exec(text)!;
    const told = `keras_version is ${keras}, and the config has ${word.replace(/:$/, '')}, which only Keras 3 writes`;
    return fault('keras3-file-in-keras2', told, 'model_config');
  }
  if (major === 1 && spoken.includes(2) && !spoken.includes(1)) {
    const told = `keras_version is ${keras}, and the config is one of Keras 2: weights would be brought out of a layout that they are not in`;
    return fault('silent-wrong-predictions', told, 'keras_version');
  }
  return null;
}

function versionIsStated({ hdf5 }: RawArtefact): boolean {
  return hdf5?.root?.attributes.keras_version !== undefined;
}

/** HDF5 models of Keras 2 and later say who wrote them, in two places. */
export function missingVersion(raw: RawArtefact): Fault | null {
  const root = raw.hdf5?.root;
  const text = configText(raw);
  if (!root || text === null || root.attributes.model_config === undefined || versionIsStated(raw)) return null;
  if (words[0]![1].test(text) || !(words[1]![1].test(text) || words[2]![1].test(text))) return null;
  const inner = root.children.model_weights;
  const elsewhere = inner?.kind === 'group' ? inner.attributes.keras_version : undefined;
  return elsewhere === undefined
    ? fault('keras-version-missing', 'nothing in the file says which Keras wrote it: loaders take it for Keras 1', '/')
    : fault(
        'missing-version-attr',
        'the attribute keras_version was taken off the file; its weights still have it',
        '/',
      );
}

/**
 * A layer's config without its `name`: Keras recorded the constructor's arguments by itself, because the class has no
 * `get_config` of its own.
 */
export function withoutGetConfig(raw: RawArtefact): Fault | null {
  for (const { className, config, where, isLayer } of eachObject(parsedConfig(raw))) {
    if (!isLayer || isKerasName(className)) continue;
    if ('name' in config) return null;
    const text = `"${className}" is none of Keras's own layers, and its config has no name, only ${Object.keys(config).join(', ') || 'nothing'}: the class has no get_config`;
    return fault('custom-object-no-get-config', text, where);
  }
  return null;
}
