"""Loads each model of a manifest in this Python's Keras, or runs the code that builds it, and compares predict with recorded outputs.

Called as: python check_models.py MANIFEST PACKAGE, where PACKAGE is keras, tf.keras or tf_keras. Prints one JSON line
for each model: {"id", "ok", "error"}; `error` is null where it loaded and computed the same.
"""
import json
import logging
import os
import runpy
import sys
import warnings

import numpy as np

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)


def package(name):
    if name == 'tf.keras':
        import tensorflow
        return tensorflow.keras
    return __import__(name)


def arrays(path):
    stored = np.load(path, allow_pickle=False)
    return [stored[key] for key in sorted(stored.files, key=lambda key: int(key.split('_')[-1]))]


def as_list(value):
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]


def same(a, b, tolerance):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if b.dtype.kind in 'US' or a.dtype.kind in 'USO':
        return a.astype(str).tolist() == b.astype(str).tolist()
    a, b = a.astype('float64'), b.astype('float64')
    close = np.abs(a - b) <= tolerance[0] + tolerance[1] * np.abs(b)
    return bool(np.all(close | (np.isnan(a) & np.isnan(b)) | (a == b)))


def tensors(values):
    """Strings go in as tensors: NumPy's are no dtype of Keras 3."""
    if not any(value.dtype.kind in 'US' for value in values):
        return values
    import tensorflow
    return [tensorflow.constant(value) for value in values]


def check(keras, entry):
    if 'code' in entry:
        model = runpy.run_path(entry['code'])['model']
    else:
        model = keras.models.load_model(entry['path'])
    if not os.path.exists(entry['outputs']):
        return None
    inputs, outputs = tensors(arrays(entry['inputs'])), arrays(entry['outputs'])
    size = len(inputs[0])
    given = as_list(model.predict(inputs if len(inputs) > 1 else inputs[0], batch_size=size, verbose=0))
    if len(given) != len(outputs):
        return 'gives %d outputs, recorded are %d' % (len(given), len(outputs))
    differing = [str(i) for i, pair in enumerate(zip(given, outputs)) if not same(pair[0], pair[1], entry['tolerance'])]
    return 'output %s differs' % ', '.join(differing) if differing else None


def main():
    keras = package(sys.argv[2])
    for entry in json.load(open(sys.argv[1])):
        try:
            error = check(keras, entry)
        except Exception as raised:
            error = '%s: %s' % (type(raised).__name__, ' '.join(str(raised).split())[:400])
        print(json.dumps({'id': entry['id'], 'ok': error is None, 'error': error}), flush=True)
        if hasattr(keras.backend, 'clear_session'):
            keras.backend.clear_session()


main()
