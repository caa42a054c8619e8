"""Reads safetensors files with the safetensors package and the .npz beside them with NumPy: python check_tensors.py FOLDER.

Names, shapes and numbers of both must agree, and the config in the metadata must be JSON. Prints counts.
"""
import glob
import json
import sys

import numpy as np
from safetensors import safe_open


def main():
    tensors = bad = configs = 0
    for path in sorted(glob.glob(sys.argv[1] + '/*.safetensors')):
        arrays = np.load(path[:-len('safetensors')] + 'npz')
        with safe_open(path, 'np') as stored:
            if sorted(stored.keys()) != sorted(arrays.files):
                bad += 1
                print(path, 'has other names than its .npz')
            for key in stored.keys():
                tensors += 1
                if not np.array_equal(stored.get_tensor(key), arrays[key]):
                    bad += 1
                    print(path, key, 'differs')
            config = (stored.metadata() or {}).get('keras_config')
            if config is not None:
                json.loads(config)
                configs += 1
    print('%d tensors, %d bad, %d configs' % (tensors, bad, configs))
    sys.exit(1 if bad or tensors == 0 else 0)


main()
