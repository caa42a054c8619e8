"""TensorFlow's side of bench/predicting.ts: `beside.py MODEL BATCH...` prints one line of JSON.

Time counts from the start of the process, which the interpreter's own start precedes by some milliseconds.
"""
import time

started = time.perf_counter()

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

model = tf.keras.models.load_model(sys.argv[1], compile=False)
shape = model.inputs[0].shape[1:]


def batch_of(count):
    return np.full((count, *shape), 0.5, "float32")


model.predict(batch_of(1), verbose=0)
first = (time.perf_counter() - started) * 1000
rates = {}
for batch in map(int, sys.argv[2:]):
    x = batch_of(batch)
    model.predict(x, batch_size=batch, verbose=0)
    begun = time.perf_counter()
    done = 0
    while time.perf_counter() - begun < 3:
        model.predict(x, batch_size=batch, verbose=0)
        done += batch
    rates[batch] = done / (time.perf_counter() - begun)
print(json.dumps({"first": first, "perSecond": rates}))
