#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole networks with what LiteRT makes of eight pictures, row by row, in front of the final softmax.

models.cases: networks in the shape of Edge Impulse's image blocks, random weights, batch 1.
candy.cases: the networks of examples/candy, by name only; the test takes them out of their exports.
exports.cases: real exports, by name only, where EDGESTREAM_EXPORTS says they are.
integer_exports.cases: the same of exports on integers. Of each the answers of the plain reference kernels, then those
of the default ones: how far the two are from each other is how far anybody may be from either.

Pictures are computed (pattern() here and in recorded_cases.cpp), logits recorded: probabilities saturate and hide
errors. Needs the packages of requirements.txt.
"""
import os
import pathlib
import struct
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from ai_edge_litert import schema_py_generated as schema
import flatbuffers

import litert

HERE = pathlib.Path(__file__).resolve().parent
ROWS = 8
ROWS_OF_LARGE_OUTPUTS = 2
EXPORTS = {
    "bench-image96-rgb/image-96-96-mobilenet-f32/"
    "ei-benchmark-image-96x96-0.35-color-transfer-learning-tensorflow-lite-float32-model.lite": (96, 96, 3),
    "hpss-fomo-rgb240-f32/fomo01.tflite": (240, 240, 3),
    "bench-keywords-mfcc/keywords-2d-f32/ei-benchmark-keywords-2d-nn-classifier-tensorflow-lite-float32-model.lite":
        (637,),
    "linux-yolov5-jan-160/jan.lite": (160, 160, 3),
}
_DECODED = "_decoded/tflite-model__"
INTEGER_EXPORTS = {
    f"pigeon-fomo-gray96-i8/{_DECODED}tflite_learn_3.h__tflite_learn_3.tflite": (96, 96, 1),
    "ard-mask-rgb96-i8/_decoded/src__tflite-model__tflite_learn_5.h__tflite_learn_5.tflite": (96, 96, 3),
    "mj-imgclass-rgb160-i8/ei-raspi-img-class-int8-quantized-model.tflite": (160, 160, 3),
    "bench-image96-rgb/image-96-96-mobilenet-i8/"
    "ei-benchmark-image-96x96-0.35-color-transfer-learning-tensorflow-lite-int8-quantized-model(1).lite": (96, 96, 3),
    "bench-keywords-mfcc/keywords-2d-i8/"
    "ei-benchmark-keywords-2d-nn-classifier-tensorflow-lite-int8-quantized-model.lite": (637,),
    f"multi-impulse-v2/{_DECODED}tflite-trained_12_10.h__trained_tflite.tflite": (650,),
    f"multi-impulse-v2/{_DECODED}tflite-trained_8_5.h__trained_tflite.tflite": (33,),
    f"nano33-2020-f32/{_DECODED}tflite-trained.h__trained_tflite.tflite": (33,),
    f"sinewave-regression/{_DECODED}tflite_learn_6.h__tflite_learn_6.tflite": (1,),
}


def pattern(shape):
    """Gradients in several directions and brightnesses, broken by patches; [rows, ...] of values k/255."""
    n, y, x, c = np.indices([shape[0], *([1] * (4 - len(shape))), *shape[1:]], dtype=np.int64)
    k = ((3 + 5 * n) * y + (7 + 2 * n) * x + 85 * c + 31 * n + ((x * y * n) >> 4)) & 255
    k = np.where((y // 8 + x // 8 + n) % 2 == 1, 255 - k, k) * (64 * (n % 4 + 1)) >> 8
    return (k.astype(np.float32) / np.float32(255)).reshape(shape)


# --- the networks


def randomize(model, seed):
    """Normalisation as training leaves it, so that folding it into convolutions has something to fold."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if type(layer).__name__ != "BatchNormalization":
            continue
        size = layer.gamma.shape
        layer.set_weights([rng.uniform(0.7, 1.3, size), rng.normal(0, 0.2, size), rng.normal(0, 0.2, size),
                           rng.uniform(0.5, 1.5, size)])


def backbone(tf, size, alpha, cut=None):
    tf.keras.utils.set_random_seed(7)
    model = tf.keras.applications.MobileNetV2(input_shape=size, alpha=alpha, include_top=False, weights=None)
    if cut:
        model = tf.keras.Model(model.inputs, model.get_layer(cut).output)
    randomize(model, 7)
    return model


def convert(tf, function, size):
    signature = [tf.TensorSpec([1, *size], tf.float32, name="x")]
    module = tf.Module()
    module.f = tf.function(function, input_signature=signature)
    concrete = module.f.get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], module).convert()


def classifier_by_reshape(tf):
    """Dense on the feature map as exporters of 2020 wrote it: RESHAPE to rows with the batch baked in, then back."""
    size = (96, 64, 3)
    features = backbone(tf, size, 0.1)
    rng = np.random.default_rng(1)
    w1, b1 = rng.normal(0, 0.05, (1280, 16)).astype(np.float32), rng.normal(0, 0.5, 16).astype(np.float32)
    w2, b2 = rng.normal(0, 0.3, (96, 3)).astype(np.float32), rng.normal(0, 0.5, 3).astype(np.float32)

    def f(x):
        rows = tf.reshape(features(x), [6, 1280])
        hidden = tf.nn.relu(tf.linalg.matmul(rows, w1) + b1)
        return tf.nn.softmax(tf.linalg.matmul(tf.reshape(hidden, [1, 96]), w2) + b2)

    return convert(tf, f, size), size


def classifier_by_layers(tf):
    """The same head as Keras layers, which exporters write as FULLY_CONNECTED on a rank-4 tensor."""
    size = (64, 96, 1)
    features = backbone(tf, size, 0.05)
    x = tf.keras.layers.Dense(8, activation="relu", bias_initializer="random_normal")(features.output)
    x = tf.keras.layers.Flatten()(tf.keras.layers.Dropout(0.1)(x))
    x = tf.keras.layers.Dense(4, activation="softmax", bias_initializer="random_normal")(x)
    model = tf.keras.Model(features.inputs, x)
    return convert(tf, model, size), size


def fomo(tf):
    """MobileNetV2 0.35 cut at stride 8, two convolutions and a softmax for each cell."""
    size = (48, 64, 3)
    features = backbone(tf, size, 0.35, "block_6_expand_relu")
    x = tf.keras.layers.Conv2D(32, 1, activation="relu", bias_initializer="random_normal")(features.output)
    x = tf.keras.layers.Conv2D(3, 1, bias_initializer="random_normal")(x)
    model = tf.keras.Model(features.inputs, tf.keras.layers.Softmax()(x))
    return convert(tf, model, size), size


def small_convolutions(tf):
    """A classifier written by hand: pooling, flatten, dense; height and width differ."""
    size = (40, 24, 1)
    tf.keras.utils.set_random_seed(3)
    k = tf.keras.layers
    model = tf.keras.Sequential([
        k.Input(size), k.Conv2D(8, 3, padding="same", activation="relu", bias_initializer="random_normal"),
        k.MaxPooling2D(2, padding="same"), k.Conv2D(12, 3, strides=2, padding="valid", activation="relu6"),
        k.AveragePooling2D(2), k.Flatten(), k.Dense(10, activation="relu"), k.Dense(3, activation="softmax")])
    return convert(tf, model, size), size


def pooled_head(tf):
    """Global average pooling and a dense layer, as most classifiers of others end."""
    size = (64, 64, 3)
    features = backbone(tf, size, 0.35, "block_3_expand_relu")
    x = tf.keras.layers.GlobalAveragePooling2D()(features.output)
    model = tf.keras.Model(features.inputs, tf.keras.layers.Dense(5, activation="softmax")(x))
    return convert(tf, model, size), size


# --- recording


def without_softmax(data):
    """The same model with the logits as its output."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    maker = {tensor: op for op in graph.operators for tensor in op.outputs}
    graph.outputs = list(graph.outputs)
    for i, tensor in enumerate(graph.outputs):
        op = maker[tensor]
        code = model.operatorCodes[op.opcodeIndex]
        if max(code.builtinCode, code.deprecatedBuiltinCode) == litert.OP.SOFTMAX:
            graph.outputs[i] = op.inputs[0]
    model.signatureDefs = None
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def entry(name, model, size, stored):
    """One case: the pattern's shape as input, the logits of each row below each other as output."""
    rows = pattern((ROWS_OF_LARGE_OUTPUTS if "yolov5" in name else ROWS, *size))
    cut = without_softmax(model)
    parts = [litert.answers(cut, [row[None]]) for row in rows]
    outputs = [np.concatenate([p[0][i] for p in parts]) for i in range(len(parts[0][0]))]
    noise = [max(p[1][i] for p in parts) for i in range(len(outputs))]
    print(f"  {name}: {len(model)} bytes, outputs {[o.shape for o in outputs]}, range "
          f"{[float(np.abs(o).max()) for o in outputs]}, noise {noise}")
    out = litert._blob(name.encode()) + struct.pack("<B", 0) + litert._blob(model if stored else b"")
    out += struct.pack("<IBI", 1, 255, len(rows.shape)) + struct.pack(f"<{rows.ndim}i", *rows.shape)
    out += struct.pack("<I", len(outputs))
    return out + b"".join(litert._tensor(o) + struct.pack("<d", n) for o, n in zip(outputs, noise))


def as_integers(model, rows):
    """The rows as the integers that the model takes, halves away from zero as Edge Impulse rounds them."""
    detail = litert.Interpreter(model_content=model).get_input_details()[0]
    scale, zero = detail["quantization"]
    if scale == 0:
        return rows
    steps = rows / np.float32(scale)
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.trunc(steps + np.copysign(0.5, steps)) + zero, limits.min, limits.max).astype(detail["dtype"])


def integer_entry(name, model, size):
    """Like entry(), both kernel sets' answers one after the other; the noise is their distance."""
    rows = pattern((ROWS, *size))
    cut = without_softmax(model)
    integers = as_integers(model, rows)
    sets = (litert.OpResolverType.BUILTIN_REF, litert.OpResolverType.AUTO)
    parts = [[litert.run(cut, [row[None]], kernels)[0] for row in integers] for kernels in sets]
    outputs = [np.concatenate(part) for part in parts]
    noise = litert.distance(*outputs)
    print(f"  {name}: {outputs[0].shape} {outputs[0].dtype}, the sets differ by {noise}")
    out = litert._blob(name.encode()) + struct.pack("<B", 0) + litert._blob(b"")
    out += struct.pack("<IBI", 1, 255, len(rows.shape)) + struct.pack(f"<{rows.ndim}i", *rows.shape)
    out += struct.pack("<I", len(outputs))
    return out + b"".join(litert._tensor(o) + struct.pack("<d", noise) for o in outputs)


def write(path, entries):
    path.write_bytes(b"ESCASES1" + struct.pack("<I", len(entries)) + b"".join(entries))
    print(f"{path.name}: {path.stat().st_size} bytes")


CANDY_FOLDER = HERE.parents[2] / "examples" / "candy"
CANDY = {"candy-classifier-cpp-mcu-v1.zip": (96, 96, 3),
         "ei-candy-fomo-object-detection-tensorflow-lite-float32-model.3.lite": (160, 160, 3),
         "ei-candy-gray-transfer-learning-tensorflow-lite-float32-model.5.lite": (160, 160, 1)}


def candy_network(name):
    path = CANDY_FOLDER / name
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        inner = next(n for n in archive.namelist() if n.endswith(".tflite"))
        return archive.read(inner)


def record_exports():
    folder = os.environ.get("EDGESTREAM_EXPORTS")
    if not folder:
        return
    root = pathlib.Path(folder)
    write(HERE / "exports.cases", [entry(n, (root / n).read_bytes(), size, False) for n, size in EXPORTS.items()])
    write(HERE / "integer_exports.cases",
          [integer_entry(n, (root / n).read_bytes(), size) for n, size in INTEGER_EXPORTS.items()])


def main():
    record_exports()
    if "exports" in sys.argv[1:]:
        return
    import tensorflow as tf
    tf.config.experimental.enable_op_determinism()
    networks = (classifier_by_reshape, classifier_by_layers, fomo, small_convolutions, pooled_head)
    write(HERE / "models.cases", [entry(f.__name__.replace("_", " "), *f(tf), True) for f in networks])
    write(HERE / "candy.cases", [entry(n, candy_network(n), size, False) for n, size in CANDY.items()])


if __name__ == "__main__":
    main()
