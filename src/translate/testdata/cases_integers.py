# SPDX-License-Identifier: Apache-2.0
"""Operators on integers, as the plain reference kernels compute them. "Exact" cases are met to the bit by an evaluator
that knows the kernels' fixed-point arithmetic; the others compute roots, exponentials and the like by tables or
polynomials of their own, one step away from the rounded real result."""
import numpy as np

from families import family, windows
from litert import ACTIVATION, OP, PADDING, Model, random

INT8, UINT8 = np.int8, np.uint8


def integers(name, *shape, dtype=INT8):
    low = np.iinfo(dtype)
    return random(name).integers(low.min, low.max + 1, shape).astype(dtype)


def conv(name, code, x_shape, w_shape, bias, stride, padding, activation=ACTIVATION.NONE, dtype=INT8,
         per_axis=True, out_scale=0.4, out_zero=3, multiplier=None):
    rng = random(name)
    m = Model()
    axis = 3 if code == OP.DEPTHWISE_CONV_2D else 0
    channels = w_shape[axis]
    scales = rng.uniform(0.002, 0.02, channels if per_axis else 1)
    x = m.scale(m.input(integers(name + "x", *x_shape, dtype=dtype)), 0.05, 7 if dtype == INT8 else 120)
    w = m.quantized(integers(name + "w", *w_shape, dtype=dtype), scales,
                    np.zeros(len(scales), int) if dtype == INT8 else 130, axis if per_axis else 0, dtype)
    b = m.quantized(rng.integers(-2000, 2000, channels), 0.05 * scales, np.zeros(len(scales), int), 0, np.int32)
    height, width = (windows(n, k, stride, 1, padding) for n, k in zip(x_shape[1:3], w_shape[1:3]))
    name_of = "DepthwiseConv2DOptions" if code == OP.DEPTHWISE_CONV_2D else "Conv2DOptions"
    fields = dict(padding=padding, strideH=stride, strideW=stride, fusedActivationFunction=activation)
    if multiplier:
        fields["depthMultiplier"] = multiplier
    y = m.op(code, [x, w] + ([b] if bias else []), [x_shape[0], height, width, channels], (name_of, fields), dtype,
             3 if dtype == INT8 else 1)
    return m.output(m.scale(y, out_scale, out_zero))


def dense(name, activation, dtype=INT8):
    rng = random(name)
    m = Model()
    x = m.scale(m.input(integers(name + "x", 3, 20, dtype=dtype)), 0.05, 7 if dtype == INT8 else 120)
    w = m.quantized(integers(name + "w", 5, 20, dtype=dtype), 0.01, 0 if dtype == INT8 else 130, 0, dtype)
    b = m.quantized(rng.integers(-2000, 2000, 5), 0.05 * 0.01, 0, 0, np.int32)
    y = m.op(OP.FULLY_CONNECTED, [x, w, b], [3, 5], ("FullyConnectedOptions", dict(fusedActivationFunction=activation)),
             dtype, 4 if dtype == INT8 else 1)
    return m.output(m.scale(y, 0.2, -5 if dtype == INT8 else 100))


def two(name, code, options, shape_b=(2, 5, 4), activation=ACTIVATION.NONE, version=2, dtype=INT8):
    m = Model()
    a = m.scale(m.input(integers(name + "a", 2, 5, 4, dtype=dtype)), 0.04, 5)
    b = m.scale(m.input(integers(name + "b", *shape_b, dtype=dtype)), 0.09, 9)
    fields = {} if options in ("MaximumMinimumOptions",) else dict(fusedActivationFunction=activation)
    y = m.op(code, [a, b], [2, 5, 4], (options, fields), dtype, version)
    return m.output(m.scale(y, 0.1, 2))


def one(name, code, options=None, shape=(1, 5, 6, 3), scale=0.05, zero=4, out=(0.05, 4), out_shape=None, more=(),
        version=2, dtype=INT8, out_type=None):
    m = Model()
    x = m.scale(m.input(integers(name, *shape, dtype=dtype)), scale, zero)
    inputs = [x] + [m.ints(values) for values in more]
    y = m.op(code, inputs, list(out_shape or shape), options, out_type or dtype, version)
    return m.output(m.scale(y, *out) if out else y)


@family
def integers_cases():
    same, valid = PADDING.SAME, PADDING.VALID
    c, d = OP.CONV_2D, OP.DEPTHWISE_CONV_2D
    relu, relu6, n1 = ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1
    yield "conv", True, conv("c1", c, (1, 6, 7, 4), (5, 3, 3, 4), True, 1, same)
    yield "conv stride 2 valid relu", True, conv("c2", c, (2, 6, 7, 4), (5, 3, 3, 4), True, 2, valid, relu)
    yield "conv relu6", True, conv("c3", c, (1, 6, 7, 4), (5, 1, 1, 4), True, 1, same, relu6, out_scale=0.03)
    yield "conv relu_n1_to_1", True, conv("c4", c, (1, 6, 7, 4), (5, 1, 1, 4), True, 1, same, n1, out_scale=0.03)
    yield "conv uint8", True, conv("c5", c, (1, 6, 7, 4), (5, 3, 3, 4), True, 1, same, dtype=UINT8, per_axis=False,
                                   out_zero=128)
    yield "conv uint8 range from zero", True, conv("c6", c, (1, 6, 7, 4), (5, 3, 3, 4), True, 2, same, dtype=UINT8,
                                                   per_axis=False, out_zero=0, out_scale=6 / 255)
    yield "depthwise", True, conv("d1", d, (1, 6, 7, 4), (1, 3, 3, 4), True, 1, same, multiplier=1)
    yield "depthwise stride 2 relu6", True, conv("d2", d, (1, 6, 7, 4), (1, 3, 3, 4), True, 2, same, relu6,
                                                 multiplier=1)
    yield "depthwise multiplier 2", True, conv("d3", d, (1, 6, 7, 3), (1, 3, 3, 6), True, 1, valid, multiplier=2)
    yield "depthwise uint8", True, conv("d4", d, (1, 6, 7, 4), (1, 3, 3, 4), True, 1, same, dtype=UINT8,
                                        per_axis=False, multiplier=1, out_zero=128)
    yield "dense", True, dense("f1", ACTIVATION.NONE)
    yield "dense relu", True, dense("f2", relu)
    yield "dense uint8", True, dense("f3", ACTIVATION.NONE, UINT8)
    for code, options, label in ((OP.ADD, "AddOptions", "add"), (OP.SUB, "SubOptions", "sub"),
                                 (OP.MUL, "MulOptions", "mul")):
        yield label, True, two(label, code, options)
        yield label + " relu", True, two(label + "r", code, options, activation=relu)
        yield label + " broadcast", True, two(label + "b", code, options, shape_b=(5, 1))
        yield label + " uint8", True, two(label + "u", code, options, version=1, dtype=UINT8)
    pools = dict(padding=same, strideH=2, strideW=2, filterHeight=3, filterWidth=3)
    yield "average pool", True, one("ap", OP.AVERAGE_POOL_2D, ("Pool2DOptions", pools), out_shape=(1, 3, 3, 3))
    yield "max pool relu", True, one("mp", OP.MAX_POOL_2D, ("Pool2DOptions", dict(pools, fusedActivationFunction=relu)),
                                     out_shape=(1, 3, 3, 3))
    yield "quantize to another scale", True, one("q1", OP.QUANTIZE, ("QuantizeOptions", {}), out=(0.11, -3))
    yield "quantize to uint8", True, one("q2", OP.QUANTIZE, ("QuantizeOptions", {}), out=(0.05, 132), out_type=UINT8)
    m = Model()
    x = m.input((random("qf").standard_normal((3, 50)) * 4).astype(np.float32))
    y = m.scale(m.op(OP.QUANTIZE, [x], [3, 50], ("QuantizeOptions", {}), INT8), 0.05, 4)
    yield "quantize floats", True, m.output(y)
    yield "dequantize", True, one("dq", OP.DEQUANTIZE, ("DequantizeOptions", {}), out=None, out_type=np.float32)
    yield "reshape", True, one("rs", OP.RESHAPE, ("ReshapeOptions", {}), out_shape=(5, 18), more=([5, 18],), version=1)
    yield "pad", True, pad_case()
    yield "logistic", False, one("lg", OP.LOGISTIC, out=(1 / 256, -128))
    yield "tanh", False, one("th", OP.TANH, out=(1 / 128, 0))
    yield "softmax", False, one("sm", OP.SOFTMAX, ("SoftmaxOptions", dict(beta=1.0)), shape=(4, 7), out=(1 / 256, -128))
    yield "leaky relu", False, one("lr", OP.LEAKY_RELU, ("LeakyReluOptions", dict(alpha=0.1)))
    yield "hard swish", False, one("hs", OP.HARD_SWISH, ("HardSwishOptions", {}), version=1)
    yield "resize bilinear", False, one("rb", OP.RESIZE_BILINEAR, ("ResizeBilinearOptions", dict(halfPixelCenters=True)),
                                        out_shape=(1, 8, 9, 3), more=([8, 9],), version=3)
    yield "resize nearest", True, one("rn", OP.RESIZE_NEAREST_NEIGHBOR, ("ResizeNearestNeighborOptions", {}),
                                      out_shape=(1, 10, 12, 3), more=([10, 12],))
    yield "mean", False, one("mn", OP.MEAN, ("ReducerOptions", dict(keepDims=True)), out_shape=(1, 1, 1, 3),
                             more=([1, 2],))


def pad_case():
    m = Model()
    x = m.scale(m.input(integers("pad", 1, 4, 5, 2)), 0.05, 4)
    amounts = m.constant([[0, 0], [1, 0], [2, 1], [0, 0]], np.int32)
    y = m.op(OP.PAD, [x, amounts], [1, 5, 8, 2], ("PadOptions", {}), INT8, 2)
    return m.output(m.scale(y, 0.05, 4))
