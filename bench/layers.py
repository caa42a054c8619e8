"""Keras's side of bench/layers.ts. `layers.py FOLDER REGEX` writes a model for each case that the pattern finds as
FOLDER/NAME.h5 with an input and its prediction as .npy, tells what it has made, then answers each line `NAME BATCH` with
the milliseconds of one `model.predict`, the best of several: by the clock, and of all processors together.
"""
import json
import os
import re
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

try:
    import keras
except ImportError:
    keras = tf.keras
L = keras.layers
folder = sys.argv[1]
steps = (100, 64)
picture = (64, 64, 32)


def chain(shape, *layers):
    x = given = L.Input(shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(given, x)


def attended(shape, call):
    given = L.Input(shape)
    return keras.Model(given, call(given))


cases = {
    "SimpleRNN": lambda: chain(steps, L.SimpleRNN(128)),
    "SimpleRNN, relu, sequences": lambda: chain(steps, L.SimpleRNN(128, activation="relu", return_sequences=True)),
    "LSTM": lambda: chain(steps, L.LSTM(128)),
    "LSTM, sequences": lambda: chain(steps, L.LSTM(128, return_sequences=True)),
    "LSTM, masked": lambda: chain(steps, L.Masking(), L.LSTM(128, return_sequences=True)),
    "LSTM, masked, last step": lambda: chain(steps, L.Masking(), L.LSTM(128)),
    "LSTM, masked from embedding": lambda: chain((100,), L.Embedding(1000, 64, mask_zero=True), L.LSTM(128)),
    "LSTM, swish": lambda: chain(steps, L.LSTM(128, activation="swish")),
    "LSTM, hard_sigmoid gates": lambda: chain(steps, L.LSTM(128, recurrent_activation="hard_sigmoid")),
    "LSTM, go_backwards": lambda: chain(steps, L.LSTM(128, go_backwards=True, return_sequences=True)),
    "LSTM, unrolled": lambda: chain((20, 64), L.LSTM(64, unroll=True)),
    "LSTM, two layers": lambda: chain(steps, L.LSTM(128, return_sequences=True), L.LSTM(64)),
    "LSTM, stateful off, 500 steps": lambda: chain((500, 16), L.LSTM(32)),
    "GRU": lambda: chain(steps, L.GRU(128)),
    "GRU, sequences": lambda: chain(steps, L.GRU(128, return_sequences=True)),
    "GRU, reset before": lambda: chain(steps, L.GRU(128, reset_after=False)),
    "GRU, masked": lambda: chain(steps, L.Masking(), L.GRU(128)),
    "GRU, reset before, masked": lambda: chain(steps, L.Masking(), L.GRU(128, reset_after=False)),
    "Bidirectional LSTM": lambda: chain(steps, L.Bidirectional(L.LSTM(64, return_sequences=True))),
    "Bidirectional LSTM, masked": lambda: chain(
        steps, L.Masking(), L.Bidirectional(L.LSTM(64, return_sequences=True))
    ),
    "Bidirectional GRU, sum": lambda: chain(steps, L.Bidirectional(L.GRU(64), merge_mode="sum")),
    "RNN of cells": lambda: chain(steps, L.RNN([L.LSTMCell(64), L.GRUCell(64)])),
    "RNN of cells, masked": lambda: chain(steps, L.Masking(), L.RNN([L.LSTMCell(64), L.GRUCell(64)])),
    "ConvLSTM1D": lambda: chain((16, 64, 8), L.ConvLSTM1D(16, 3, padding="same")),
    "ConvLSTM2D": lambda: chain((8, 32, 32, 8), L.ConvLSTM2D(16, 3, padding="same")),
    "ConvLSTM2D, sequences": lambda: chain(
        (8, 32, 32, 8), L.ConvLSTM2D(16, 3, padding="same", return_sequences=True)
    ),
    "ConvLSTM3D": lambda: chain((4, 12, 12, 12, 4), L.ConvLSTM3D(8, 3, padding="same")),
    "TimeDistributed Conv2D": lambda: chain((8, 32, 32, 3), L.TimeDistributed(L.Conv2D(16, 3))),
    "Attention": lambda: attended((200, 64), lambda x: L.Attention()([x, x])),
    "Attention, causal": lambda: attended((200, 64), lambda x: L.Attention()([x, x], use_causal_mask=True)),
    "AdditiveAttention": lambda: attended(steps, lambda x: L.AdditiveAttention()([x, x])),
    "MultiHeadAttention": lambda: attended((200, 128), lambda x: L.MultiHeadAttention(8, 32)(x, x)),
    "MultiHeadAttention, causal": lambda: attended(
        (200, 128), lambda x: L.MultiHeadAttention(8, 32)(x, x, use_causal_mask=True)
    ),
    "GroupQueryAttention": lambda: attended((200, 128), lambda x: L.GroupQueryAttention(32, 8, 2)(x, x)),
    "Conv1D": lambda: chain((500, 64), L.Conv1D(128, 5, padding="same")),
    "Conv1D, causal, dilated": lambda: chain((500, 64), L.Conv1D(128, 5, padding="causal", dilation_rate=4)),
    "Conv1D, strides": lambda: chain((500, 64), L.Conv1D(128, 5, strides=2)),
    "Conv2D 1x1": lambda: chain(picture, L.Conv2D(64, 1)),
    "Conv2D": lambda: chain(picture, L.Conv2D(64, 3, padding="same", activation="relu")),
    "Conv2D, strides": lambda: chain(picture, L.Conv2D(64, 3, strides=2)),
    "Conv2D, dilated": lambda: chain(picture, L.Conv2D(64, 3, dilation_rate=2)),
    "Conv2D, groups": lambda: chain(picture, L.Conv2D(64, 3, groups=4)),
    "Conv2D on a photograph": lambda: chain((224, 224, 3), L.Conv2D(32, 7, strides=2, padding="same")),
    "Conv3D": lambda: chain((16, 32, 32, 8), L.Conv3D(16, 3, padding="same")),
    "Conv3D, strides": lambda: chain((16, 32, 32, 8), L.Conv3D(16, 3, strides=2)),
    "Conv1DTranspose": lambda: chain((200, 32), L.Conv1DTranspose(32, 3, strides=2, padding="same")),
    "Conv2DTranspose": lambda: chain((32, 32, 32), L.Conv2DTranspose(32, 3, strides=2, padding="same")),
    "Conv2DTranspose 4x4": lambda: chain((32, 32, 64), L.Conv2DTranspose(32, 4, strides=2, padding="same")),
    "Conv2DTranspose, stride 1": lambda: chain((32, 32, 32), L.Conv2DTranspose(32, 3)),
    "Conv3DTranspose": lambda: chain((8, 16, 16, 8), L.Conv3DTranspose(16, 3, strides=2, padding="same")),
    "DepthwiseConv1D": lambda: chain((500, 64), L.DepthwiseConv1D(5, padding="same")),
    "DepthwiseConv2D": lambda: chain((64, 64, 64), L.DepthwiseConv2D(3, padding="same")),
    "DepthwiseConv2D, multiplier": lambda: chain(picture, L.DepthwiseConv2D(3, depth_multiplier=2)),
    "SeparableConv1D": lambda: chain((500, 64), L.SeparableConv1D(128, 5, padding="same")),
    "SeparableConv2D": lambda: chain(picture, L.SeparableConv2D(64, 3, padding="same")),
    "LocallyConnected1D": lambda: chain((200, 16), L.LocallyConnected1D(32, 5)),
    "LocallyConnected2D": lambda: chain((16, 16, 16), L.LocallyConnected2D(16, 3)),
}

models = {}
for name, build in cases.items():
    if not re.search(sys.argv[2], name):
        continue
    try:
        model = build()
    except AttributeError:
        continue
    weights = np.random.default_rng(1)
    model.set_weights([w + 0.01 * weights.standard_normal(w.shape) for w in model.get_weights()])
    given = np.random.default_rng(0).random((32,) + model.input_shape[1:]).astype("float32")
    given[:, given.shape[1] // 2 :] *= 0 if "masked" in name else 1
    if "embedding" in name:
        given = np.floor(given * 1000).astype("int32")
    model.save(os.path.join(folder, f"{name}.h5"))
    np.save(os.path.join(folder, f"{name}.in.npy"), given)
    np.save(os.path.join(folder, f"{name}.out.npy"), model.predict(given, verbose=0))
    models[name] = (model, given)
version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
print(json.dumps({"version": version, "cases": list(models)}), flush=True)

for line in sys.stdin:
    name, batch = line.rsplit(" ", 1)
    model, given = models[name]
    x = given[: int(batch)]
    clock = processors = float("inf")
    model.predict(x, batch_size=len(x), verbose=0)
    for _ in range(5):
        begun, busy = time.perf_counter(), time.process_time()
        model.predict(x, batch_size=len(x), verbose=0)
        clock = min(clock, time.perf_counter() - begun)
        processors = min(processors, time.process_time() - busy)
    print(json.dumps({"clock": clock * 1000, "processors": processors * 1000}), flush=True)
