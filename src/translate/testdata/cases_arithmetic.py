# SPDX-License-Identifier: Apache-2.0
"""Operators that compute: matrices, element by element, reductions, normalisation."""

import itertools

import numpy as np

from families import family, normal, one, two
from litert import ACTIVATION, OP, TYPE_OF, Model, random


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
