"""onnx.checker with full checks and onnxruntime on exported models: python check_onnx.py FOLDER CASES.

FOLDER holds what `eval/onnx.ts --keep FOLDER` wrote, CASES the corpus's cases. Needs the packages onnx, onnxruntime and
numpy. Prints each model that is invalid or gives other numbers than recorded, then counts.
"""
import glob
import os
import sys
from collections import Counter

import numpy as np
import onnx
import onnxruntime

TYPES = {
    'tensor(float)': 'float32', 'tensor(float16)': 'float16', 'tensor(double)': 'float64', 'tensor(int32)': 'int32',
    'tensor(int64)': 'int64', 'tensor(bool)': 'bool', 'tensor(uint8)': 'uint8',
}


def check(path, case):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    session = onnxruntime.InferenceSession(path)
    given, expected = np.load(case + '/in.npz'), np.load(case + '/out.npz')
    inputs = session.get_inputs()
    if len(inputs) != len(given.files):
        return 'valid, with states'
    feeds = {one.name: given['in_%d' % at].astype(TYPES[one.type]) for at, one in enumerate(inputs)}
    found = session.run(None, feeds)[:len(expected.files)]
    pairs = [(np.asarray(a, 'float64'), expected['out_%d' % at].astype('float64')) for at, a in enumerate(found)]
    same = all(a.shape == b.shape and np.allclose(a, b, rtol=1e-2, atol=1e-2, equal_nan=True) for a, b in pairs)
    return 'valid and the same' if same else 'differs'


def main():
    onnxruntime.set_default_logger_severity(3)
    counts = Counter()
    for path in sorted(glob.glob(sys.argv[1] + '/*.onnx')):
        try:
            word = check(path, os.path.join(sys.argv[2], os.path.basename(path)[:-5]))
        except Exception as error:
            word = 'invalid'
            print(os.path.basename(path), type(error).__name__, ' '.join(str(error).split())[:200])
        if word == 'differs':
            print(os.path.basename(path), word)
        counts[word] += 1
    print(dict(counts))
    # Files that lost a fact (an output padding) give other numbers in every runtime.
    lost = counts['differs'] > 0.02 * sum(counts.values())
    sys.exit(1 if not counts or counts['invalid'] or lost else 0)


main()
