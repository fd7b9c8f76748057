#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One small model for every use of every translated operator, with what LiteRT makes of it.

Writes <family>.cases beside itself, and the smallest model of each family as a seed for the fuzzer of the reader. Needs the packages of requirements.txt; the seed of each case is its name.
"""
import itertools
import pathlib
import sys

import numpy as np

from litert import ACTIVATION, OP, PADDING, Model, random, record

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = HERE.parents[2] / "fuzz/corpus/tflite_reader"
FAMILIES = {}


def family(function):
    """Registers a generator of (case name, exact, Model). Exact: no arithmetic, so every bit must agree."""
    FAMILIES[function.__name__] = function
    return function


def normal(name, *shape, scale=1.0):
    return (random(name).standard_normal(shape) * scale).astype(np.float32)


def windows(n, k, s, d, padding):
    reach = (k - 1) * d + 1
    return -(-n // s) if padding == PADDING.SAME else (n + s - reach) // s


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


# --- matrices


def dense(name, x_shape, units, keep=False, bias=True, activation=ACTIVATION.NONE, inputs_after=None):
    m = Model()
    within = x_shape[-1] if inputs_after is None else inputs_after
    x = m.input(normal(name, *x_shape))
    weight = m.constant(normal(name + "w", units, within))
    inputs = [x, weight, m.constant(normal(name + "b", units)) if bias else -1]
    rows = int(np.prod(x_shape)) // within
    shape = [*x_shape[:-1], units] if keep else [rows, units]
    options = dict(keepNumDims=keep, fusedActivationFunction=activation)
    return m.output(m.op(OP.FULLY_CONNECTED, inputs, shape, ("FullyConnectedOptions", options)))


@family
def dense_cases():
    yield "matrix", False, dense("a", [2, 5], 3)
    yield "matrix without bias", False, dense("b", [1, 5], 3, bias=False)
    yield "matrix relu", False, dense("c", [3, 5], 4, activation=ACTIVATION.RELU)
    yield "rank 4 rows keep their bias", False, dense("d", [1, 2, 2, 3], 4)
    yield "rank 4 rows relu without bias", False, dense("e", [1, 2, 3, 3], 4, bias=False, activation=ACTIVATION.RELU)
    yield "rank 4 kept", False, dense("f", [1, 2, 3, 3], 4, keep=True, activation=ACTIVATION.RELU6)
    yield "rank 4 kept without bias", False, dense("g", [2, 2, 2, 3], 4, keep=True, bias=False)
    yield "rank 3 kept", False, dense("h", [2, 3, 4], 5, keep=True)
    yield "rank 3 rows", False, dense("i", [2, 3, 4], 5)
    yield "rank 4 flattened", False, dense("j", [1, 2, 3, 3], 4, inputs_after=18)
    yield "matrix cut into rows", False, dense("k", [2, 8], 3, inputs_after=4)
    m = Model()
    out = m.op(OP.FULLY_CONNECTED, [m.input(normal("l", 3, 4)), m.input(normal("m", 2, 4)), m.constant(normal("n", 2))],
               [3, 2], ("FullyConnectedOptions", {}))
    yield "weight computed at run time", False, m.output(out)
    for adj_x, adj_y in itertools.product((False, True), repeat=2):
        m = Model()
        name = f"batch_matmul {adj_x:d}{adj_y:d}"
        x = m.input(normal(name, 2, *((4, 3) if adj_x else (3, 4))))
        y = m.input(normal(name + "y", 2, *((5, 4) if adj_y else (4, 5))))
        yield name, False, m.output(m.op(OP.BATCH_MATMUL, [x, y], [2, 3, 5],
                                         ("BatchMatMulOptions", dict(adjX=adj_x, adjY=adj_y))))
    m = Model()
    out = m.op(OP.BATCH_MATMUL, [m.input(normal("o", 3, 2, 3, 4)), m.constant(normal("p", 5, 4))], [3, 2, 3, 5],
               ("BatchMatMulOptions", dict(adjY=True)))
    yield "batch_matmul by a constant, broadcast", False, m.output(out)


# --- element by element


def two(code, a, b, shape, options=None, out_type=np.float32, version=1):
    m = Model()
    return m.output(m.op(code, [m.input(a), b(m)], shape, options, out_type, version))


def one(code, x, options=None, out_type=np.float32, version=1):
    m = Model()
    return m.output(m.op(code, [m.input(x)], list(x.shape), options, out_type, version))


@family
def elementwise_cases():
    shapes = (([1, 4, 5, 3], [3]), ([1, 4, 5, 3], [5, 3]), ([1, 4, 5, 3], [4, 5, 3]), ([2, 4, 3, 5], [3, 5]),
              ([1, 4, 5, 3], [1, 4, 5, 3]), ([1, 4, 5, 3], [1, 1, 1, 3]), ([1, 4, 5, 3], []), ([2, 3], [2, 1]))
    for code, table, label in ((OP.ADD, "AddOptions", "add"), (OP.SUB, "SubOptions", "sub"),
                               (OP.MUL, "MulOptions", "mul"), (OP.DIV, "DivOptions", "div")):
        for i, (a, b) in enumerate(shapes):
            name = f"{label} {a} {b}"
            y = normal(name + "y", *b) + np.float32(3)
            activation = (ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1)[i % 4]
            value = (lambda m, y=y: m.input(y)) if i % 2 else (lambda m, y=y: m.constant(y))
            out = [int(n) for n in np.broadcast_shapes(a, b)]
            yield name, False, two(code, normal(name, *a), value, out,
                                   (table, dict(fusedActivationFunction=activation)))
        a, b = random(label).integers(-20, 20, (2, 7)).astype(np.int32), np.array([1, -2, 3, -3, 7, 2, -5], np.int32)
        yield f"{label} int32", True, two(code, a, lambda m, b=b: m.input(b), [2, 7], (table, {}), np.int32)
    for code, label in ((OP.MAXIMUM, "maximum"), (OP.MINIMUM, "minimum")):
        for a, b in (([1, 4, 5, 3], [3]), ([2, 4, 3, 5], [2, 4, 3, 5]), ([1, 4, 5, 3], [])):
            name = f"{label} {a} {b}"
            y = normal(name + "y", *b)
            yield name, True, two(code, normal(name, *a), lambda m, y=y: m.input(y), a, ("MaximumMinimumOptions", {}))
    pairs = ((OP.SQUARED_DIFFERENCE, "SquaredDifferenceOptions", "squared_difference"),
             (OP.FLOOR_DIV, "FloorDivOptions", "floor_div"), (OP.FLOOR_MOD, "FloorModOptions", "floor_mod"))
    for code, table, label in pairs:
        y = normal(label + "y", 5, 3) + np.where(normal(label + "s", 5, 3) > 0, 2, -2).astype(np.float32)
        yield label, False, two(code, normal(label, 1, 4, 5, 3, scale=4), lambda m, y=y: m.input(y), [1, 4, 5, 3],
                                (table, {}))
    a, b = np.array([7, -7, 7, -7, 6, -6, 0, 5], np.int32), np.array([2, 2, -2, -2, 3, 3, 5, 7], np.int32)
    yield "floor_div int32", True, two(OP.FLOOR_DIV, a, lambda m: m.input(b), [8], ("FloorDivOptions", {}), np.int32)
    yield "floor_mod int32", True, two(OP.FLOOR_MOD, a, lambda m: m.input(b), [8], ("FloorModOptions", {}), np.int32)
    x = np.abs(normal("pow", 1, 3, 4, 2)) + np.float32(0.1)
    yield "pow", False, two(OP.POW, x, lambda m: m.constant(np.float32(1.7)), [1, 3, 4, 2], ("PowOptions", {}))
    m = Model()
    parts = [m.input(normal(f"add_n{i}", 1, 3, 4, 2)) for i in range(3)]
    yield "add_n", False, m.output(m.op(OP.ADD_N, parts, [1, 3, 4, 2], ("AddNOptions", {})))

    a = np.array([1, 2, 3, np.nan, -0.0, np.inf, 5], np.float32)
    b = np.array([2, 2, 2, 1, 0.0, np.inf, np.nan], np.float32)
    for code, table, label in ((OP.EQUAL, "EqualOptions", "equal"), (OP.NOT_EQUAL, "NotEqualOptions", "not_equal"),
                               (OP.LESS, "LessOptions", "less"), (OP.LESS_EQUAL, "LessEqualOptions", "less_equal"),
                               (OP.GREATER, "GreaterOptions", "greater"),
                               (OP.GREATER_EQUAL, "GreaterEqualOptions", "greater_equal")):
        yield label, True, two(code, a, lambda m: m.input(b), [7], (table, {}), np.bool_)
    p, q = np.array([0, 0, 1, 1], np.bool_), np.array([0, 1, 0, 1], np.bool_)
    yield "logical_and", True, two(OP.LOGICAL_AND, p, lambda m: m.input(q), [4], ("LogicalAndOptions", {}), np.bool_)
    yield "logical_or", True, two(OP.LOGICAL_OR, p, lambda m: m.input(q), [4], ("LogicalOrOptions", {}), np.bool_)
    yield "logical_not", True, one(OP.LOGICAL_NOT, p, ("LogicalNotOptions", {}), np.bool_)
    for code, table, label, condition, shape in (
            (OP.SELECT, "SelectOptions", "select of equal shapes", random("s").integers(0, 2, (2, 3)), [2, 3]),
            (OP.SELECT, "SelectOptions", "select rows", np.array([1, 0, 1]), [3, 2, 2]),
            (OP.SELECT_V2, "SelectV2Options", "select_v2 broadcast", random("t").integers(0, 2, (4, 1)), [1, 4, 3])):
        m = Model()
        inputs = [m.input(condition.astype(np.bool_)), m.input(normal(label, *shape)), m.input(normal(label + "y", *shape))]
        yield label, True, m.output(m.op(code, inputs, shape, (table, {})))

    signed = normal("signed", 1, 3, 4, 2, scale=3)
    positive = np.abs(signed) + np.float32(0.01)
    for code, options, label, x, exact in (
            (OP.ABS, ("AbsOptions", {}), "abs", signed, True), (OP.NEG, ("NegOptions", {}), "neg", signed, True),
            (OP.CEIL, None, "ceil", signed, True), (OP.FLOOR, None, "floor", signed, True),
            (OP.ROUND, None, "round", np.array([0.5, 1.5, 2.5, -0.5, -1.5, 0.49, 2.51], np.float32), True),
            (OP.SIGN, ("SignOptions", {}), "sign", np.array([-2.5, 0, 3], np.float32), True),
            (OP.SIN, None, "sin", signed, False), (OP.COS, ("CosOptions", {}), "cos", signed, False),
            (OP.EXP, ("ExpOptions", {}), "exp", signed, False), (OP.LOG, None, "log", positive, False),
            (OP.SQRT, None, "sqrt", positive, False), (OP.RSQRT, None, "rsqrt", positive, False),
            (OP.SQUARE, ("SquareOptions", {}), "square", signed, False)):
        yield label, exact, one(code, x, options)
    for source, target in ((np.float32, np.int32), (np.float32, np.int64), (np.float32, np.bool_), (np.int32, np.float32),
                           (np.int64, np.float32), (np.bool_, np.float32), (np.uint8, np.float32), (np.int64, np.int32)):
        x = np.array([0, 1.5, -1.5, 2.5, -0.5, 100.99, 7], np.float32)
        x = np.abs(x).astype(source) if source in (np.uint8, np.bool_) else x.astype(source)
        name = f"cast {np.dtype(source).name} to {np.dtype(target).name}"
        yield name, True, one(OP.CAST, x, ("CastOptions", {}), target)

    for code, options, label, x, exact in (
            (OP.RELU, None, "relu", signed, True), (OP.RELU6, None, "relu6", signed * 3, True),
            (OP.RELU_N1_TO_1, None, "relu_n1_to_1", signed, True), (OP.RELU_0_TO_1, None, "relu_0_to_1", signed, True),
            (OP.LOGISTIC, None, "logistic", signed, False), (OP.TANH, None, "tanh", signed, False),
            (OP.ELU, None, "elu", signed, False),
            (OP.LEAKY_RELU, ("LeakyReluOptions", dict(alpha=0.1)), "leaky_relu 0.1", signed, False),
            (OP.LEAKY_RELU, ("LeakyReluOptions", dict(alpha=1.5)), "leaky_relu 1.5", signed, False),
            (OP.LEAKY_RELU, ("LeakyReluOptions", dict(alpha=-0.2)), "leaky_relu -0.2", signed, False),
            (OP.HARD_SWISH, ("HardSwishOptions", {}), "hard_swish", signed, False),
            (OP.GELU, ("GeluOptions", dict(approximate=False)), "gelu", signed, False),
            (OP.GELU, ("GeluOptions", dict(approximate=True)), "gelu approximate", signed, False)):
        yield label, exact, one(code, x, options)
    for shape in ([2], [1, 1, 2], [3, 4, 2]):
        slope = normal(f"prelu{shape}", *shape)
        yield f"prelu {shape}", False, two(OP.PRELU, signed, lambda m, s=slope: m.constant(s), [1, 3, 4, 2])


# --- reductions


@family
def reduce_cases():
    floats = ((OP.MEAN, "mean"), (OP.SUM, "sum"), (OP.REDUCE_MAX, "max"), (OP.REDUCE_MIN, "min"), (OP.REDUCE_PROD, "prod"))
    axes_of = ([1, 2], [-2, -3], [2, 1, 1], [3], [1], [0], [1, 2, 3], [0, 1, 2, 3])
    for code, label in floats:
        for axes, keep in itertools.product(axes_of, (False, True)):
            m = Model()
            name = f"{label} {axes}" + (" kept" if keep else "")
            shape = [2, 3, 4, 5]
            gone = {axis % 4 for axis in axes}
            out = [1 if i in gone else n for i, n in enumerate(shape) if keep or i not in gone]
            exact = label in ("max", "min")
            yield name, exact, m.output(m.op(code, [m.input(normal(name, *shape)), m.ints(axes)], out,
                                             ("ReducerOptions", dict(keepDims=keep))))
    for code, label in ((OP.REDUCE_ANY, "any"), (OP.REDUCE_ALL, "all")):
        m = Model()
        x = random(label).integers(0, 2, (4, 3)).astype(np.bool_)
        yield label, True, m.output(m.op(code, [m.input(x), m.ints([1])], [4], ("ReducerOptions", {}), np.bool_))
    m = Model()
    yield "mean over a scalar axis", False, m.output(
        m.op(OP.MEAN, [m.input(normal("scalar axis", 2, 3)), m.constant(1, np.int32)], [2], ("ReducerOptions", {})))
    for code, table, label in ((OP.ARG_MAX, "ArgMaxOptions", "arg_max"), (OP.ARG_MIN, "ArgMinOptions", "arg_min")):
        for axis, out_type in ((3, np.int32), (-1, np.int64), (1, np.int32)):
            m = Model()
            name = f"{label} {axis} {np.dtype(out_type).name}"
            x = random(name).integers(0, 4, (1, 3, 4, 5)).astype(np.float32)  # with ties
            out = [n for i, n in enumerate(x.shape) if i != axis % 4]
            from litert import TYPE_OF
            yield name, True, m.output(m.op(code, [m.input(x), m.constant(axis, np.int32)], out,
                                            (table, dict(outputType=TYPE_OF[np.dtype(out_type)])), out_type))


# --- normalisation


@family
def normalize_cases():
    for beta, shape in ((1.0, [1, 5]), (2.0, [3, 4]), (0.5, [1, 3, 4, 5]), (1.0, [1, 4, 4, 2])):
        name = f"softmax beta {beta} {shape}"
        yield name, False, one(OP.SOFTMAX, normal(name, *shape, scale=3), ("SoftmaxOptions", dict(beta=beta)))
    for shape in ([2, 5], [1, 3, 4, 5]):
        yield f"log_softmax {shape}", False, one(OP.LOG_SOFTMAX, normal("ls", *shape, scale=3), ("LogSoftmaxOptions", {}))
    x = normal("l2", 1, 3, 4, 5)
    x[0, 0, 0] = 0
    x[0, 0, 1] = 1e-8
    yield "l2_normalization with a null vector and a tiny one", False, one(OP.L2_NORMALIZATION, x, ("L2NormOptions", {}))
    for radius in (1, 2):
        options = dict(radius=radius, bias=1.5, alpha=0.3, beta=0.7)
        yield f"lrn radius {radius}", False, one(OP.LOCAL_RESPONSE_NORMALIZATION, normal("lrn", 1, 3, 3, 7),
                                                 ("LocalResponseNormalizationOptions", options))


# --- shapes


@family
def shape_cases():
    x = normal("shape", 1, 4, 6, 2)
    for target in ([1, 48], [4, 12], [1, 4, 12], [-1, 2], [1, -1], [2, 2, 3, 4], [24, 2], [1, 1, 4, 6, 2], [48]):
        m = Model()
        out = [48 // -int(np.prod(target)) if n == -1 else n for n in target]
        yield f"reshape {target}", True, m.output(m.op(OP.RESHAPE, [m.input(x), m.ints(target)], out,
                                                       ("ReshapeOptions", dict(newShape=target))))
    m = Model()
    yield "reshape by its options", True, m.output(m.op(OP.RESHAPE, [m.input(x)], [8, 6],
                                                        ("ReshapeOptions", dict(newShape=[8, 6]))))
    m = Model()
    number = m.op(OP.RESHAPE, [m.input(x[:, :1, :1, :1])], [], ("ReshapeOptions", dict(newShape=[0])))
    yield "reshape to a single number, old spelling", True, m.output(
        m.op(OP.ADD, [number, m.input(x)], [1, 4, 6, 2], ("AddOptions", {})))
    for dims, shape in (([1, 2], [2, 1, 1, 5]), ([], [1, 3, 1, 2]), ([-2], [2, 3, 1, 4]), ([0], [1, 3, 4])):
        m = Model()
        out = [n for i, n in enumerate(shape) if not (n == 1 if not dims else i in [d % len(shape) for d in dims])]
        yield f"squeeze {dims} of {shape}", True, m.output(
            m.op(OP.SQUEEZE, [m.input(normal("q", *shape))], out, ("SqueezeOptions", dict(squeezeDims=dims))))
    for axis in (0, 1, -1, 3):
        m = Model()
        out = [2, 3, 4]
        out.insert(axis % 4, 1)
        yield f"expand_dims {axis}", True, m.output(
            m.op(OP.EXPAND_DIMS, [m.input(normal("e", 2, 3, 4)), m.constant(axis, np.int32)], out, ("ExpandDimsOptions", {})))
    for perm in ([0, 3, 1, 2], [0, 2, 3, 1], [3, 2, 1, 0], [0, 2, 1, 3], [1, 0], [2, 0, 1], [0, 1, 2, 3]):
        m = Model()
        shape = [2, 3, 4, 5][:len(perm)]
        yield f"transpose {perm}", True, m.output(m.op(OP.TRANSPOSE, [m.input(normal("t", *shape)), m.ints(perm)],
                                                       [shape[p] for p in perm], ("TransposeOptions", {})))
    m = Model()
    dims = m.op(OP.SHAPE, [m.input(x)], [4], ("ShapeOptions", dict(outType=2)), np.int32)
    yield "shape", True, m.output(m.op(OP.ADD, [dims, m.ints([0, 0, 0, 1])], [4], ("AddOptions", {}), np.int32))
    m = Model()
    image = m.input(x)
    dims = m.op(OP.SHAPE, [image], [4], ("ShapeOptions", dict(outType=2)), np.int32)
    batch = m.op(OP.STRIDED_SLICE, [dims, m.ints([0]), m.ints([1]), m.ints([1])], [],
                 ("StridedSliceOptions", dict(shrinkAxisMask=1)), np.int32)
    target = m.op(OP.PACK, [batch, m.constant(48, np.int32)], [2], ("PackOptions", dict(valuesCount=2)), np.int32)
    yield "reshape to a computed target", True, m.output(m.op(OP.RESHAPE, [image, target], [1, 48], ("ReshapeOptions", {})))
    m = Model()
    yield "rank", True, m.output(m.op(OP.MUL, [m.op(OP.RANK, [m.input(x)], [], ("RankOptions", {}), np.int32),
                                               m.input(np.array([1, 2], np.int32))], [2], ("MulOptions", {}), np.int32))


# --- parts


def strided(x, begin, end, step, **masks):
    """The answer's shape comes from a run of LiteRT itself, which computes it from the inputs."""
    from litert import run
    for shape in ([1],):
        m = Model()
        m.output(m.op(OP.STRIDED_SLICE, [m.input(x), m.ints(begin), m.ints(end), m.ints(step)], shape,
                      ("StridedSliceOptions", masks), x.dtype, version=1))
        shape = list(run(m.build(), [x])[0].shape)
    m = Model()
    return m.output(m.op(OP.STRIDED_SLICE, [m.input(x), m.ints(begin), m.ints(end), m.ints(step)], shape,
                         ("StridedSliceOptions", masks), x.dtype, version=1))


@family
def slice_cases():
    x = normal("slice", 2, 4, 5, 3)
    for begin, size in (([0, 1, 0, 0], [2, 2, 5, 3]), ([0, 0, 2, 1], [-1, -1, -1, 1]), ([0, 0, 0, 0], [2, 4, 5, 3]),
                        ([1, 3, 4, 2], [1, 1, 1, 1])):
        m = Model()
        out = [n - b if s == -1 else s for n, b, s in zip(x.shape, begin, size)]
        yield f"slice {begin} {size}", True, m.output(
            m.op(OP.SLICE, [m.input(x), m.ints(begin), m.ints(size)], out, ("SliceOptions", {})))
    for name, arguments, masks in (
            ("begin and end", ([0, 1, 1, 0], [2, 3, 5, 3], [1, 1, 1, 1]), {}),
            ("steps", ([0, 0, 0, 0], [2, 4, 5, 3], [1, 2, 2, 1]), {}),
            ("step offset", ([0, 1, 0, 0], [2, 4, 5, 3], [1, 2, 2, 1]), {}),
            ("negative step to the beginning", ([0, 3, 0, 0], [2, 0, 5, 3], [1, -1, 1, 1]), dict(endMask=2)),
            ("negative step", ([0, 3, 4, 0], [2, 0, 1, 3], [1, -1, -2, 1]), {}),
            ("negative positions", ([0, -3, -4, 0], [2, -1, -1, 3], [1, 1, 1, 1]), {}),
            ("masks", ([1, 1, 1, 1], [1, 2, 3, 2], [1, 1, 1, 1]), dict(beginMask=5, endMask=10)),
            ("shrink the last", ([0, 0, 0, 1], [2, 4, 5, 2], [1, 1, 1, 1]), dict(shrinkAxisMask=8, beginMask=7, endMask=7)),
            ("shrink a negative one", ([0, -1, 0, 0], [2, 0, 5, 3], [1, 1, 1, 1]), dict(shrinkAxisMask=2, beginMask=13, endMask=13)),
            ("shrink the first", ([1], [2], [1]), dict(shrinkAxisMask=1)),
            ("new axis in front", ([0, 0], [0, 2], [1, 1]), dict(newAxisMask=1)),
            ("new axis in the middle", ([0, 0, 1], [2, 0, 3], [1, 1, 1]), dict(newAxisMask=2)),
            ("new axis wins over shrink", ([0, 0, 1], [2, 0, 3], [1, 1, 1]), dict(newAxisMask=2, shrinkAxisMask=2)),
            ("ellipsis first", ([0, 1], [0, 2], [1, 1]), dict(ellipsisMask=1)),
            ("ellipsis in the middle", ([0, 0, 1], [1, 0, 3], [1, 1, 1]), dict(ellipsisMask=2)),
            ("ellipsis and shrink", ([0, 1], [0, 2], [1, 1]), dict(ellipsisMask=1, shrinkAxisMask=2)),
            ("ellipsis and new axis", ([0, 0, 0], [0, 0, 2], [1, 1, 1]), dict(ellipsisMask=1, newAxisMask=2)),
            ("ellipsis with nothing left takes one axis", ([0, 1, 0, 0, 1], [2, 3, 0, 5, 2], [1, 1, 1, 1, 1]),
             dict(ellipsisMask=4)),
            ("fewer entries than axes", ([0, 2], [2, 4], [1, 1]), {}),
            ("ends beyond the axis", ([0, -100, 0, 0], [100, 100, 100, 100], [1, 1, 1, 1]), {}),
            ("offset", ([0, 1, 2, 0], [2, 2, 2, 3], [1, 1, 1, 1]), dict(offset=True))):
        yield f"strided_slice {name}", True, strided(x, *arguments, **masks)
    rng = np.random.default_rng(20)
    for i in range(120):
        entries = int(rng.integers(1, 6))
        begin, end = rng.integers(-4, 5, entries), rng.integers(-4, 6, entries)
        step = rng.choice([1, 1, 1, 2, -1, -2], entries)
        masks = {k: int(rng.integers(0, 32)) & int(rng.integers(0, 32)) for k in ("beginMask", "endMask", "newAxisMask")}
        masks["shrinkAxisMask"] = int(rng.integers(0, 32)) & int(rng.integers(0, 32)) & int(rng.integers(0, 32))
        masks = {k: mask & ((1 << entries) - 1) for k, mask in masks.items()}
        if rng.integers(0, 3) == 0:
            masks["ellipsisMask"] = 1 << int(rng.integers(0, entries))
        if not stays_inside(begin, step, masks, x.shape):
            continue
        try:
            model = strided(x, begin, end, step, **masks)
        except (RuntimeError, ValueError):
            continue  # more axes than the runtime takes
        if all(model.tensors[model.outputs[0]].shape):
            yield f"strided_slice drawn {i}", True, model
    for parts, axis in ((2, 1), (5, 2), (3, -1), (1, 0)):
        m = Model()
        shape = list(x.shape)
        shape[axis] //= parts
        out = m.op(OP.SPLIT, [m.constant(axis, np.int32), m.input(x)], [shape] * parts, ("SplitOptions", dict(numSplits=parts)))
        yield f"split {parts} {axis}", True, m.output(*out)
    for sizes, axis in (([1, 3], 1), ([2, -1, 1], 2), ([-1], 3)):
        m = Model()
        shapes = []
        for size in sizes:
            shapes.append(list(x.shape))
            shapes[-1][axis] = x.shape[axis] - sum(s for s in sizes if s > 0) if size == -1 else size
        out = m.op(OP.SPLIT_V, [m.input(x), m.ints(sizes), m.constant(axis, np.int32)], shapes,
                   ("SplitVOptions", dict(numSplits=len(sizes))))
        yield f"split_v {sizes} {axis}", True, m.output(*out)
    for axis in (0, 1, -1):
        m = Model()
        shape = list(x.shape)
        count = shape.pop(axis)
        out = m.op(OP.UNPACK, [m.input(x)], [shape] * count, ("UnpackOptions", dict(num=count, axis=axis)))
        yield f"unpack {axis}", True, m.output(*out)
    for indices, axis in (([2, 0, 1], 1), ([[1, 1], [0, 2]], 3), (1, 2), ([0], 0), ([4, 0], -2)):
        m = Model()
        shape = [n for n in x.shape]
        shape[axis % 4:axis % 4 + 1] = np.shape(indices)
        out = m.op(OP.GATHER, [m.input(x), m.constant(indices, np.int32)], shape, ("GatherOptions", dict(axis=axis)))
        yield f"gather {indices} {axis}", True, m.output(out)
    m = Model()
    out = m.op(OP.GATHER, [m.input(x), m.constant([[3, 0], [1, 1]], np.int32)], [2, 2, 5, 3],
               ("GatherOptions", dict(axis=1, batchDims=1)), version=5)
    yield "gather with a batch axis", True, m.output(out)
    for axes in ([1], [3], [2]):
        m = Model()
        yield f"reverse_v2 {axes}", True, m.output(
            m.op(OP.REVERSE_V2, [m.input(x), m.ints(axes)], list(x.shape), ("ReverseV2Options", {})))


def stays_inside(begin, step, masks, shape):
    """A shrinking entry outside of its axis, or with a negative step, makes the runtime read where nothing is."""
    effective = sum(1 for i in range(len(begin)) if masks["newAxisMask"] >> i & 1 and not masks.get("ellipsisMask", 0) >> i & 1)
    axis = 0
    for i in range(len(begin)):
        if masks.get("ellipsisMask", 0) >> i & 1:
            axis += max(1, len(shape) + effective + 1 - len(begin))
        elif not masks["newAxisMask"] >> i & 1:
            shrinks = axis < len(shape) and masks["shrinkAxisMask"] >> i & 1
            if shrinks and (step[i] < 0 or not -shape[axis] <= begin[i] < shape[axis]):
                return False
            axis += 1
    return True


# --- joining


@family
def join_cases():
    for axis in (0, 1, -1):
        m = Model()
        shapes = [[2, 3, 4, 5] for _ in range(3)]
        for i, shape in enumerate(shapes):
            shape[axis] = i + 1
        parts = [m.input(normal(f"j{axis}{i}", *s)) for i, s in enumerate(shapes[:2])] + [m.constant(normal("c", *shapes[2]))]
        out = [2, 3, 4, 5]
        out[axis] = 6
        yield f"concatenation {axis}", True, m.output(m.op(OP.CONCATENATION, parts, out, ("ConcatenationOptions", dict(axis=axis))))
    m = Model()
    yield "concatenation of one", True, m.output(
        m.op(OP.RELU, [m.op(OP.CONCATENATION, [m.input(normal("one", 2, 3))], [2, 3], ("ConcatenationOptions", dict(axis=1)))], [2, 3]))
    for axis in (0, 2, -1):
        m = Model()
        parts = [m.input(normal(f"p{i}", 2, 3, 4)) for i in range(2)]
        out = [2, 3, 4]
        out.insert(axis % 4, 2)
        yield f"pack {axis}", True, m.output(m.op(OP.PACK, parts, out, ("PackOptions", dict(valuesCount=2, axis=axis))))
    m = Model()
    x = m.input(normal("up", 1, 3, 4, 2))
    wide = m.op(OP.PACK, [x, x], [1, 3, 4, 2, 2], ("PackOptions", dict(valuesCount=2, axis=3)))
    tall = m.op(OP.PACK, [wide, wide], [1, 3, 2, 4, 2, 2], ("PackOptions", dict(valuesCount=2, axis=2)))
    yield "pack twice and reshape to enlarge", True, m.output(
        m.op(OP.RESHAPE, [tall, m.ints([1, 6, 8, 2])], [1, 6, 8, 2], ("ReshapeOptions", {})))
    for multiples in ([1, 2, 1, 3], [2, 1, 1, 1], [1, 1, 1, 1]):
        m = Model()
        out = [n * t for n, t in zip([1, 3, 2, 2], multiples)]
        yield f"tile {multiples}", True, m.output(
            m.op(OP.TILE, [m.input(normal("tile", 1, 3, 2, 2)), m.ints(multiples)], out, ("TileOptions", {})))
    m = Model()
    yield "broadcast_to", True, m.output(m.op(OP.BROADCAST_TO, [m.input(normal("bt", 1, 3, 1, 2)), m.ints([2, 3, 4, 2])],
                                              [2, 3, 4, 2], ("BroadcastToOptions", {}), version=2))
    m = Model()
    yield "depth_to_space", True, m.output(m.op(OP.DEPTH_TO_SPACE, [m.input(normal("d2s", 1, 2, 3, 12))], [1, 4, 6, 3],
                                                ("DepthToSpaceOptions", dict(blockSize=2))))
    m = Model()
    yield "space_to_depth", True, m.output(m.op(OP.SPACE_TO_DEPTH, [m.input(normal("s2d", 1, 4, 6, 3))], [1, 2, 3, 12],
                                                ("SpaceToDepthOptions", dict(blockSize=2))))


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


def main():
    wanted = sys.argv[1:]
    for name, generate in FAMILIES.items():
        stem = name.removesuffix("_cases")
        if wanted and stem not in wanted:
            continue
        cases = [(case, exact, m.build(), m.input_arrays) for case, exact, m in generate()]
        record(HERE / f"{stem}.cases", cases)
        SEEDS.mkdir(parents=True, exist_ok=True)
        (SEEDS / f"{stem}.tflite").write_bytes(min((model for _, _, model, _ in cases), key=len))


if __name__ == "__main__":
    main()
