#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""source.tflite: a network with one of everything that a converter gets wrong. Weights come from the name alone.

A 16x16 picture -> convolution in steps of two (odd pad at the end), depthwise, an explicit pad and a VALID convolution,
a residual, channels joined, upsampling, pooling, a dense layer on the feature map, one behind a flatten, Softmax with a
factor.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src/translate/testdata"))

import numpy as np

from litert import ACTIVATION, OP, PADDING, Model, random

HERE = pathlib.Path(__file__).resolve().parent
SAME, VALID = PADDING.SAME, PADDING.VALID
RELU, RELU6, NONE = ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.NONE


def weights(name, *shape, scale=0.5):
    return (random(name).standard_normal(shape) * scale).astype(np.float32)


def source():
    m = Model()

    def conv(x, name, k, cin, cout, size, stride=1, padding=SAME, activation=NONE):
        w = m.constant(weights(name + "/w", cout, k, k, cin))
        b = m.constant(weights(name + "/b", cout, scale=1.0))
        return m.op(OP.CONV_2D, [x, w, b], [1, size, size, cout],
                    ("Conv2DOptions", dict(padding=padding, strideH=stride, strideW=stride,
                                           fusedActivationFunction=activation)))

    x = m.input(np.zeros((1, 16, 16, 3), np.float32), "image")
    first = conv(x, "first", 3, 3, 6, 8, 2, SAME, RELU6)
    depthwise = m.op(OP.DEPTHWISE_CONV_2D,
                     [first, m.constant(weights("depthwise/w", 1, 3, 3, 6)), m.constant(weights("depthwise/b", 6, scale=1))],
                     [1, 8, 8, 6], ("DepthwiseConv2DOptions", dict(padding=SAME, strideH=1, strideW=1, depthMultiplier=1,
                                                                   fusedActivationFunction=RELU6)))
    padded = m.op(OP.PAD, [depthwise, m.constant([[0, 0], [0, 1], [0, 1], [0, 0]], np.int32)], [1, 9, 9, 6],
                  ("PadOptions", {}))
    down = conv(padded, "down", 3, 6, 8, 4, 2, VALID, RELU)
    same = conv(down, "same", 1, 8, 8, 4)
    added = m.op(OP.ADD, [same, down], [1, 4, 4, 8], ("AddOptions", {}))
    side = conv(added, "side", 1, 8, 4, 4, activation=RELU)
    joined = m.op(OP.CONCATENATION, [added, side], [1, 4, 4, 12], ("ConcatenationOptions", dict(axis=3)))
    grown = m.op(OP.RESIZE_BILINEAR, [joined, m.ints([7, 7])], [1, 7, 7, 12],
                 ("ResizeBilinearOptions", dict(halfPixelCenters=False, alignCorners=False)), version=1)
    pooled = m.op(OP.AVERAGE_POOL_2D, [grown], [1, 4, 4, 12],
                  ("Pool2DOptions", dict(padding=SAME, strideH=2, strideW=2, filterHeight=3, filterWidth=3)))
    dense = m.op(OP.FULLY_CONNECTED, [pooled, m.constant(weights("dense/w", 5, 12)), m.constant(weights("dense/b", 5, scale=2))],
                 [16, 5], ("FullyConnectedOptions", dict(fusedActivationFunction=RELU)))
    flat = m.op(OP.RESHAPE, [dense, m.ints([1, 80])], [1, 80], ("ReshapeOptions", dict(newShape=[1, 80])))
    scores = m.op(OP.FULLY_CONNECTED, [flat, m.constant(weights("scores/w", 4, 80, scale=0.2)), m.constant(weights("scores/b", 4))],
                  [1, 4], ("FullyConnectedOptions", {}))
    return m.output(m.op(OP.SOFTMAX, [scores], [1, 4], ("SoftmaxOptions", dict(beta=0.5)))).build()


if __name__ == "__main__":
    (HERE / "source.tflite").write_bytes(source())
