# SPDX-License-Identifier: Apache-2.0
"""Operators that work by positions, make tensors, or turn pixels into images of a batch."""
import numpy as np

from families import family, normal
from litert import OP, Model


@family
def index_cases():
    x = normal("index", 3, 4, 2)
    for indices, shape in (([[0], [2]], [2, 4, 2]), ([[0, 3], [2, 1], [1, 1]], [3, 2]), ([[[2, 3, 1]]], [1, 1])):
        m = Model()
        yield f"gather_nd {indices}", True, m.output(
            m.op(OP.GATHER_ND, [m.input(x), m.constant(indices, np.int32)], shape, ("GatherNdOptions", {})))
    for indices, shape in (([[4], [1], [7]], [8]), ([[0], [2]], [4, 3])):
        m = Model()
        updates = normal(f"scatter{shape}", len(indices), *shape[1:])
        inputs = [m.constant(indices, np.int32), m.input(updates), m.ints(shape)]
        yield f"scatter_nd {indices}", True, m.output(m.op(OP.SCATTER_ND, inputs, shape, ("ScatterNdOptions", {})))
    m = Model()
    yield "embedding_lookup", True, m.output(
        m.op(OP.EMBEDDING_LOOKUP, [m.input(np.array([2, 0, 2], np.int32)), m.constant(normal("table", 4, 3))], [3, 3]))
    ties = np.round(normal("ties", 2, 3, 8))
    for k in (1, 3, 8):
        m = Model()
        out = m.op(OP.TOPK_V2, [m.input(ties), m.constant(k, np.int32)], [[2, 3, k], [2, 3, k]], ("TopKV2Options", {}),
                   [np.float32, np.int32])
        yield f"topk_v2 {k}", True, m.output(*out)
    for axis in (-1, 0, 1):
        m = Model()
        shape = [2, 3]
        shape.insert(axis if axis >= 0 else 2, 4)
        inputs = [m.input(np.array([[0, 3, -1], [4, 2, 100]], np.int32)), m.constant(4, np.int32),
                  m.constant(np.float32(2)), m.constant(np.float32(-1))]
        yield f"one_hot {axis}", True, m.output(m.op(OP.ONE_HOT, inputs, shape, ("OneHotOptions", dict(axis=axis))))
    m = Model()
    truth = np.array([[1, 0, 1], [0, 0, 1]], np.bool_)
    yield "where", True, m.output(m.op(OP.WHERE, [m.input(truth)], [3, 2], ("WhereOptions", {}), np.int64))
    for axis, options in ((0, {}), (1, dict(exclusive=True)), (-1, dict(reverse=True)), (1, dict(exclusive=True, reverse=True))):
        m = Model()
        yield f"cumsum {axis} {list(options)}", False, m.output(
            m.op(OP.CUMSUM, [m.input(x), m.constant(axis, np.int32)], [3, 4, 2], ("CumsumOptions", options)))
    for seq, batch in ((1, 0), (0, 1)):
        m = Model()
        lengths = np.array([2, 4, 1] if batch == 0 else [3, 1, 2, 3], np.int32)
        yield f"reverse_sequence {seq} {batch}", True, m.output(
            m.op(OP.REVERSE_SEQUENCE, [m.input(x), m.input(lengths)], [3, 4, 2],
                 ("ReverseSequenceOptions", dict(seqDim=seq, batchDim=batch))))


@family
def fill_cases():
    m = Model()
    yield "fill", True, m.output(m.op(OP.FILL, [m.ints([2, 3]), m.input(np.array(1.5, np.float32))], [2, 3], ("FillOptions", {})))
    for dtype in (np.float32, np.int32, np.int64):
        m = Model()
        yield f"zeros_like {np.dtype(dtype).name}", True, m.output(
            m.op(OP.ZEROS_LIKE, [m.input(np.arange(6).reshape(2, 3).astype(dtype))], [2, 3], ("ZerosLikeOptions", {}), dtype))
    m = Model()
    ends = [m.input(np.array(v, np.int32)) for v in (2, 11, 3)]
    yield "range", True, m.output(m.op(OP.RANGE, ends, [3], ("RangeOptions", {}), np.int32))


@family
def batch_space_cases():
    for shape, block, pads in (([1, 4, 6, 3], [2, 2], [[0, 0], [0, 0]]), ([2, 5, 5, 2], [2, 3], [[1, 0], [0, 1]]),
                               ([3, 6, 2], [3], [[0, 0]])):
        m = Model()
        out = [shape[0] * int(np.prod(block)), *[(n + sum(p)) // b for n, p, b in zip(shape[1:], pads, block)], shape[-1]]
        yield f"space_to_batch {shape} {block} {pads}", True, m.output(
            m.op(OP.SPACE_TO_BATCH_ND, [m.input(normal("s2b", *shape)), m.ints(block), m.ints(pads)], out,
                 ("SpaceToBatchNDOptions", {})))
    for shape, block, crops in (([4, 2, 3, 3], [2, 2], [[0, 0], [0, 0]]), ([12, 3, 2, 2], [2, 3], [[1, 0], [0, 2]]),
                                ([6, 2, 2], [3], [[0, 0]])):
        m = Model()
        out = [shape[0] // int(np.prod(block)), *[n * b - sum(c) for n, c, b in zip(shape[1:], crops, block)], shape[-1]]
        yield f"batch_to_space {shape} {block} {crops}", True, m.output(
            m.op(OP.BATCH_TO_SPACE_ND, [m.input(normal("b2s", *shape)), m.ints(block), m.ints(crops)], out,
                 ("BatchToSpaceNDOptions", {})))
    m = Model()
    x = m.input(normal("dilated", 1, 9, 9, 2))
    apart = m.op(OP.SPACE_TO_BATCH_ND, [x, m.ints([2, 2]), m.ints([[2, 3], [2, 3]])], [4, 7, 7, 2], ("SpaceToBatchNDOptions", {}))
    conv = m.op(OP.CONV_2D, [apart, m.constant(normal("dw", 3, 3, 3, 2)), m.constant(normal("db", 3))], [4, 5, 5, 3],
                ("Conv2DOptions", dict(padding=1, strideH=1, strideW=1, fusedActivationFunction=1)))
    out = m.op(OP.BATCH_TO_SPACE_ND, [conv, m.ints([2, 2]), m.ints([[0, 1], [0, 1]])], [1, 9, 9, 3], ("BatchToSpaceNDOptions", {}))
    yield "a dilated convolution as blocks", False, m.output(out)
