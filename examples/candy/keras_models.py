# SPDX-License-Identifier: Apache-2.0
"""Detector B (FOMO) and the classifiers: MobileNetV2 of width 0.35 with the heads of Edge Impulse's blocks.

Everything starts from random weights. The grayscale classifier starts from the weights that the colour classifier
has learned here, its first layer summed over the colours, which saves most of its training.
"""
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import dataset
import scenes

ALPHA, LABELS = 0.35, ("broken", "good")  # Studio sorts labels
SEED = 23


def backbone(side, channels):
    net = keras.applications.MobileNetV2(input_shape=(side, side, channels), alpha=ALPHA, include_top=False, weights=None)
    for layer in net.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.93  # the library's 0.999 needs far longer training than this
    return net


def fomo():
    """Cut where the stride is still 8; per cell the probabilities of background and candy."""
    net = backbone(dataset.FOMO_SIDE, 3)
    x = net.get_layer("block_6_expand_relu").output
    x = layers.Conv2D(32, 1, activation="relu", name="head")(x)
    return keras.Model(net.input, layers.Softmax()(layers.Conv2D(2, 1, name="logits")(x)))


def classifier(side, channels):
    """Dense on the feature map, then flatten and dense: the transfer-learning block's shape."""
    net = backbone(side, channels)
    x = layers.Dense(16, activation="relu", name="head")(net.output)
    x = layers.Flatten()(layers.Dropout(0.1)(x))
    return keras.Model(net.input, layers.Dense(len(LABELS), activation="softmax", name="answer")(x))


def gray_from_rgb(rgb):
    """A grayscale classifier that starts with the colour one's backbone."""
    model = classifier(dataset.GRAY_SIDE, 1)
    for layer in model.layers:
        values = rgb.get_layer(layer.name).get_weights() if layer.weights and layer.name != "answer" else []
        if layer.name == "Conv1":
            values = [values[0].sum(axis=2, keepdims=True)]
        if values:
            layer.set_weights(values)
    return model


# --- FOMO's cells ----------------------------------------------------------------------------------------------------

def fomo_cells(boxes, grid=dataset.FOMO_SIDE // 8):
    """(target 0/1, weight) per cell: 1 where a candy's middle lies. Cells it nearly lies in, and those around a candy
    that does not count, are let alone."""
    target, weight = np.zeros((len(boxes), grid, grid), np.float32), np.ones((len(boxes), grid, grid), np.float32)
    middles = np.arange(grid) + 0.5
    for n, rows in enumerate(boxes):
        gx = (rows[:, 0] + rows[:, 2] / 2) * grid / scenes.WIDTH
        gy = (rows[:, 1] + rows[:, 3] / 2) * grid / scenes.HEIGHT
        reach = np.where(rows[:, 4] > 0, 0.8, 1.6)
        for x, y, r in zip(gx, gy, reach):
            weight[n][np.maximum(np.abs(middles[None, :] - x), np.abs(middles[:, None] - y)) < r] = 0
        for x, y in zip(gx[rows[:, 4] > 0], gy[rows[:, 4] > 0]):
            target[n, int(y), int(x)] = weight[n, int(y), int(x)] = 1
    return target, weight


# --- training --------------------------------------------------------------------------------------------------------

def _colours(rng, x):
    n, channels = len(x), x.shape[-1]
    if channels == 3 and rng.random() < 0.3:
        x = x[..., rng.permutation(3)]
    gain = rng.uniform(0.8, 1.2, (n, 1, 1, 1)) * rng.uniform(0.93, 1.07, (n, 1, 1, channels))
    return np.clip(x * gain.astype(np.float32) + rng.uniform(-0.06, 0.06, (n, 1, 1, 1)).astype(np.float32), 0, 1)


def _turned(rng, *arrays):
    """The same mirror image of all."""
    if rng.random() < 0.5:
        arrays = [a[:, :, ::-1] for a in arrays]
    return [a[:, ::-1] for a in arrays] if rng.random() < 0.5 else arrays


def _fit(model, count, batch, epochs, batch_size, peak_rate, name, report):
    """`batch(rng, indices)` gives input, one-hot target and weight."""
    rng = np.random.default_rng(SEED)
    steps = epochs * (count // batch_size)
    warm = max(1, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(peak_rate / 10, steps - warm, warmup_target=peak_rate, warmup_steps=warm)
    optimiser = keras.optimizers.AdamW(rate, weight_decay=1e-3, use_ema=True, ema_momentum=0.98)

    @tf.function(jit_compile=False)
    def step(x, target, weight):
        with tf.GradientTape() as tape:
            p = tf.clip_by_value(model(x, training=True), 1e-6, 1.0)
            # Focal, as most cells and most candies are easy.
            each = -tf.reduce_sum(target * (1 - p) ** 1.5 * tf.math.log(p), axis=-1)
            loss = tf.reduce_sum(each * weight) / tf.reduce_sum(weight * tf.cast(target[..., -1] >= 0, tf.float32))
        optimiser.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    for epoch in range(epochs):
        order, total = rng.permutation(count), 0.0
        for start in range(0, count - batch_size + 1, batch_size):
            total += float(step(*batch(rng, np.sort(order[start:start + batch_size]))))
        report(f"{name}: epoch {epoch + 1}/{epochs}, loss {total * batch_size / count:.4f}")
    optimiser.finalize_variable_values(model.trainable_variables)
    return model


def train_fomo(data, epochs, report=print):
    keras.utils.set_random_seed(SEED)
    target, weight = fomo_cells(dataset.boxes_of(data))
    pictures = data["fomo"]

    def batch(rng, pick):
        x, t, w = _turned(rng, pictures[pick], target[pick], weight[pick])
        x = _colours(rng, x.astype(np.float32) / 255)
        return x, np.stack((1 - t, t), -1), w * np.where(t > 0, 4.0, 1.0).astype(np.float32)

    return _fit(fomo(), len(pictures), batch, epochs, 24, 4e-3, "FOMO", report)


def train_classifier(model, pictures, states, epochs, name, peak_rate=3e-3, report=print):
    keras.utils.set_random_seed(SEED)
    pictures = pictures if pictures.ndim == 4 else pictures[..., None]

    def batch(rng, pick):
        x = _turned(rng, pictures[pick])[0]
        if rng.random() < 0.5:
            x = x.transpose(0, 2, 1, 3)
        x = _colours(rng, x.astype(np.float32) / 255)
        return x, np.eye(2, dtype=np.float32)[states[pick]], np.ones(len(pick), np.float32)

    return _fit(model, len(pictures), batch, epochs, 48, peak_rate, name, report)


# --- export ------------------------------------------------------------------------------------------------------------

def export(model, path):
    """Float32 TFLite, batch 1, by TensorFlow's own converter. Weights are made constants first, so that it can fold
    batch normalisation into the convolutions."""
    signature = [tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name="x")]
    live = tf.function(lambda x: model(x, training=False), input_signature=signature)
    frozen = convert_variables_to_constants_v2(live.get_concrete_function())
    module = tf.Module()
    module.serve = tf.function(lambda x: frozen(x)[0], input_signature=signature)
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.serve)
        path.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())
