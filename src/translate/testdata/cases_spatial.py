# SPDX-License-Identifier: Apache-2.0
"""Operators on images: convolutions, pooling, padding, resizing."""

import numpy as np

from families import family, normal, windows
from litert import ACTIVATION, OP, PADDING, Model, random


# --- convolutions


def conv(name, h, w, channels, out, k, s, d, padding, activation=ACTIVATION.NONE, groups=1, n=1):
    m = Model()
    x = m.input(normal(name, n, h, w, channels))
    weight = m.constant(normal(name + "w", out, k[0], k[1], channels // groups))
    bias = m.constant(normal(name + "b", out))
    shape = [n, windows(h, k[0], s[0], d[0], padding), windows(w, k[1], s[1], d[1], padding), out]
    options = dict(padding=padding, strideH=s[0], strideW=s[1], dilationHFactor=d[0], dilationWFactor=d[1],
                   fusedActivationFunction=activation)
    return m.output(m.op(OP.CONV_2D, [x, weight, bias], shape, ("Conv2DOptions", options)))


def depthwise(name, h, w, channels, multiplier, k, s, d, padding, activation=ACTIVATION.NONE, stated_multiplier=None):
    m = Model()
    x = m.input(normal(name, 1, h, w, channels))
    out = channels * multiplier
    weight = m.constant(normal(name + "w", 1, k[0], k[1], out))
    bias = m.constant(normal(name + "b", out))
    shape = [1, windows(h, k[0], s[0], d[0], padding), windows(w, k[1], s[1], d[1], padding), out]
    options = dict(padding=padding, strideH=s[0], strideW=s[1], dilationHFactor=d[0], dilationWFactor=d[1],
                   depthMultiplier=stated_multiplier or multiplier, fusedActivationFunction=activation)
    return m.output(m.op(OP.DEPTHWISE_CONV_2D, [x, weight, bias], shape, ("DepthwiseConv2DOptions", options)))


def transpose_conv(name, h, w, channels, out, k, s, padding, size=None, bias=True):
    m = Model()
    if size is None:
        size = [h * s[0], w * s[1]] if padding == PADDING.SAME else [(h - 1) * s[0] + k[0], (w - 1) * s[1] + k[1]]
    shape = m.ints([1, *size, out])
    weight = m.constant(normal(name + "w", out, k[0], k[1], channels))
    inputs = [shape, weight, m.input(normal(name, 1, h, w, channels))]
    if bias:
        inputs.append(m.constant(normal(name + "b", out)))
    options = dict(padding=padding, strideH=s[0], strideW=s[1])
    return m.output(m.op(OP.TRANSPOSE_CONV, inputs, [1, *size, out], ("TransposeConvOptions", options),
                         version=3 if bias else 1))


@family
def conv_cases():
    same, valid = PADDING.SAME, PADDING.VALID
    for padding, label in ((same, "same"), (valid, "valid")):
        for k, s in (((1, 1), (1, 1)), ((3, 3), (1, 1)), ((3, 3), (2, 2)), ((2, 2), (1, 1)), ((5, 3), (3, 2))):
            for h, w in ((6, 7), (9, 8)):
                name = f"conv {label} {h}x{w} k{k[0]}x{k[1]} s{s[0]}x{s[1]}"
                yield name, False, conv(name, h, w, 3, 4, k, s, (1, 1), padding)
    yield "conv same stride larger than kernel", False, conv("a", 7, 6, 3, 2, (1, 1), (2, 3), (1, 1), same)
    yield "conv same kernel larger than image", False, conv("b", 2, 3, 2, 3, (5, 5), (1, 1), (1, 1), same)
    yield "conv same dilation 2x3", False, conv("c", 9, 11, 2, 3, (3, 3), (1, 1), (2, 3), same)
    yield "conv valid dilation 2", False, conv("d", 9, 9, 2, 3, (3, 3), (1, 1), (2, 2), valid)
    yield "conv groups 2", False, conv("e", 6, 6, 4, 6, (3, 3), (1, 1), (1, 1), same, groups=2)
    yield "conv groups 4 stride 2", False, conv("f", 6, 5, 4, 8, (3, 3), (2, 2), (1, 1), valid, groups=4)
    yield "conv batch 3", False, conv("g", 5, 5, 3, 4, (3, 3), (2, 2), (1, 1), same, n=3)
    for label, activation in (("relu", ACTIVATION.RELU), ("relu6", ACTIVATION.RELU6),
                              ("relu_n1_to_1", ACTIVATION.RELU_N1_TO_1)):
        name = "conv fused " + label
        yield name, False, conv(name, 5, 5, 3, 8, (3, 3), (1, 1), (1, 1), same, activation)
    for padding, label in ((same, "same"), (valid, "valid")):
        for s, d, multiplier in (((1, 1), (1, 1), 1), ((2, 2), (1, 1), 1), ((1, 1), (2, 2), 1), ((2, 2), (1, 1), 3)):
            name = f"depthwise {label} s{s[0]} d{d[0]} multiplier {multiplier}"
            yield name, False, depthwise(name, 8, 7, 2, multiplier, (3, 3), s, d, padding)
    yield "depthwise relu6", False, depthwise("h", 6, 6, 5, 1, (3, 3), (1, 1), (1, 1), same, ACTIVATION.RELU6)
    yield "depthwise single channel", False, depthwise("i", 6, 6, 1, 4, (3, 3), (2, 2), (1, 1), same)
    for padding, label in ((same, "same"), (valid, "valid")):
        for (h, w), k, s in (((4, 5), (3, 3), (2, 2)), ((4, 4), (2, 2), (2, 2)), ((3, 4), (5, 4), (3, 2)),
                             ((5, 5), (1, 1), (1, 1)), ((3, 3), (4, 4), (2, 1))):
            name = f"transpose_conv {label} {h}x{w} k{k[0]}x{k[1]} s{s[0]}x{s[1]}"
            yield name, False, transpose_conv(name, h, w, 3, 2, k, s, padding)
    yield "transpose_conv kernel shorter than stride", False, transpose_conv("j", 3, 3, 2, 2, (1, 2), (2, 3), same)
    yield "transpose_conv odd size", False, transpose_conv("k", 4, 4, 2, 3, (3, 3), (2, 2), same, size=[7, 7])
    yield "transpose_conv without bias", False, transpose_conv("l", 4, 4, 2, 3, (3, 3), (2, 2), same, bias=False)
    for padding, label in ((same, "same"), (valid, "valid")):
        m = Model()
        name = "conv_3d " + label
        weight = normal(name + "w", 2, 3, 2, 2, 4)
        size = [windows(n, k, s, 1, padding) for n, k, s in zip((5, 6, 4), (2, 3, 2), (1, 2, 2))]
        out = m.op(OP.CONV_3D, [m.input(normal(name, 1, 5, 6, 4, 2)), m.constant(weight), m.constant(normal("b", 4))],
                   [1, *size, 4], ("Conv3DOptions", dict(padding=padding, strideD=1, strideH=2, strideW=2)))
        yield name, False, m.output(out)
    for padding, label in ((same, "same"), (valid, "valid")):
        m = Model()
        name = "conv_3d_transpose " + label
        size = [3, 8, 4] if padding == same else [5, 7, 6]
        shape = m.ints([1, *size, 3])
        x = normal(name, 1, 3, 4, 4, 2) if padding == same else normal(name, 1, 4, 3, 5, 2)
        weight = m.constant(normal(name + "w", 2, 3, 2, 3, 2))
        out = m.op(OP.CONV_3D_TRANSPOSE, [shape, weight, m.input(x), m.constant(normal("b", 3))], [1, *size, 3],
                   ("Conv3DOptions", dict(padding=padding, strideD=1, strideH=2, strideW=1)))
        yield name, False, m.output(out)
    for axis, label in ((0, "per channel"), (None, "per tensor")):
        m = Model()
        name = "conv int8 weights " + label
        rng = random(name)
        scale = rng.uniform(0.01, 0.1, 4 if axis == 0 else 1)
        weight = m.quantized(rng.integers(-127, 128, (4, 3, 3, 3)), scale, np.zeros(len(scale)), 0)
        floats = m.op(OP.DEQUANTIZE, [weight], [4, 3, 3, 3], ("DequantizeOptions", {}), version=5 if axis == 0 else 2)
        out = m.op(OP.CONV_2D, [m.input(normal(name, 1, 5, 5, 3)), floats, m.constant(normal("b", 4))], [1, 5, 5, 4],
                   ("Conv2DOptions", dict(padding=same, strideH=1, strideW=1)))
        yield name, False, m.output(out)
    m = Model()
    half = m.constant(normal("half", 4, 3, 3, 3), np.float16)
    floats = m.op(OP.DEQUANTIZE, [half], [4, 3, 3, 3], ("DequantizeOptions", {}), version=3)
    out = m.op(OP.CONV_2D, [m.input(normal("halfx", 1, 5, 5, 3)), floats, m.constant(normal("b", 4))], [1, 5, 5, 4],
               ("Conv2DOptions", dict(padding=same, strideH=1, strideW=1)))
    yield "conv float16 weights", False, m.output(out)


# --- pooling


def pool(code, name, h, w, channels, k, s, padding, activation=ACTIVATION.NONE, offset=0.0):
    m = Model()
    x = m.input(normal(name, 1, h, w, channels) + np.float32(offset))
    shape = [1, windows(h, k[0], s[0], 1, padding), windows(w, k[1], s[1], 1, padding), channels]
    options = dict(padding=padding, strideH=s[0], strideW=s[1], filterHeight=k[0], filterWidth=k[1],
                   fusedActivationFunction=activation)
    return m.output(m.op(code, [x], shape, ("Pool2DOptions", options)))


@family
def pool_cases():
    shapes = (((6, 7), (2, 2), (2, 2)), ((7, 6), (3, 3), (2, 2)), ((5, 5), (3, 2), (1, 3)), ((4, 4), (4, 4), (4, 4)),
              ((3, 3), (5, 5), (1, 1)), ((4, 6), (4, 6), (1, 1)), ((1, 9), (1, 2), (1, 2)))
    for code, label in ((OP.AVERAGE_POOL_2D, "average"), (OP.MAX_POOL_2D, "max"), (OP.L2_POOL_2D, "l2")):
        for padding, padding_label in ((PADDING.SAME, "same"), (PADDING.VALID, "valid")):
            for (h, w), k, s in shapes:
                if padding == PADDING.VALID and (k[0] > h or k[1] > w):
                    continue
                name = f"{label} {padding_label} {h}x{w} k{k[0]}x{k[1]} s{s[0]}x{s[1]}"
                yield name, label == "max", pool(code, name, h, w, 3, k, s, padding)
    yield "max same of negative numbers", True, pool(OP.MAX_POOL_2D, "n", 5, 5, 2, (3, 3), (2, 2), PADDING.SAME,
                                                     offset=-50.0)
    yield "average relu6", False, pool(OP.AVERAGE_POOL_2D, "r", 6, 6, 2, (2, 2), (2, 2), PADDING.VALID,
                                       ACTIVATION.RELU6)


# --- padding


@family
def pad_cases():
    x = normal("pad", 1, 4, 5, 3)
    for amounts in ([[0, 0], [0, 1], [0, 1], [0, 0]], [[0, 0], [2, 1], [0, 3], [0, 0]], [[1, 0], [0, 0], [0, 0], [0, 2]],
                    [[0, 0], [0, 0], [0, 0], [0, 0]]):
        out = [n + a + b for n, (a, b) in zip(x.shape, amounts)]
        m = Model()
        yield f"pad {amounts}", True, m.output(m.op(OP.PAD, [m.input(x), m.ints(amounts)], out, ("PadOptions", {})))
        m = Model()
        value = m.constant(np.float32(5))
        yield f"padv2 {amounts}", True, m.output(m.op(OP.PADV2, [m.input(x), m.ints(amounts), value], out, ("PadV2Options", {})))
    for mode, label in ((0, "reflect"), (1, "symmetric")):
        for amounts in ([[0, 0], [1, 2], [3, 1], [0, 0]], [[0, 0], [0, 0], [2, 3], [1, 0]], [[0, 0], [0, 0], [0, 0], [0, 0]]):
            out = [n + a + b for n, (a, b) in zip(x.shape, amounts)]
            m = Model()
            yield f"mirror_pad {label} {amounts}", True, m.output(
                m.op(OP.MIRROR_PAD, [m.input(x), m.ints(amounts)], out, ("MirrorPadOptions", dict(mode=mode))))


# --- resizing


@family
def resize_cases():
    flags = (("plain", {}), ("aligned", dict(alignCorners=True)), ("half pixel", dict(halfPixelCenters=True)))
    sizes = (((4, 5), (8, 10)), ((5, 4), (7, 9)), ((8, 6), (4, 3)), ((14, 14), (2, 2)), ((11, 11), (13, 26)),
             ((3, 3), (1, 1)), ((1, 1), (4, 3)), ((5, 5), (5, 5)), ((4, 4), (12, 4)))
    for label, options in flags:
        for (h, w), (oh, ow) in sizes:
            x = normal(f"resize{h}{w}", 1, h, w, 2)
            for code, table, kind in ((OP.RESIZE_BILINEAR, "ResizeBilinearOptions", "bilinear"),
                                      (OP.RESIZE_NEAREST_NEIGHBOR, "ResizeNearestNeighborOptions", "nearest")):
                m = Model()
                name = f"{kind} {label} {h}x{w} to {oh}x{ow}"
                yield name, kind == "nearest", m.output(m.op(code, [m.input(x), m.ints([oh, ow])], [1, oh, ow, 2],
                                                             (table, options), version=3))
        # Many pairs of lengths, a row of numbers that say where they came from.
        for wide in (True, False):
            m = Model()
            outputs = []
            for n in (3, 5, 11, 14) if wide else (7, 13):
                row = m.input(np.arange(n, dtype=np.float32).reshape(1, 1, n, 1) if wide else
                              np.arange(n, dtype=np.float32).reshape(1, n, 1, 1))
                for out in range(1, 21):
                    size = [1, out] if wide else [out, 1]
                    outputs.append(m.op(OP.RESIZE_NEAREST_NEIGHBOR, [row, m.ints(size)], [1, *size, 1],
                                        ("ResizeNearestNeighborOptions", options), version=3))
            yield f"nearest {label} indices {'across' if wide else 'down'}", True, m.output(*outputs)
