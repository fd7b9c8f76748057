# SPDX-License-Identifier: Apache-2.0
"""Tensors put together from parts: diagonals, updated slices, segments; and two odd elementwise ones."""
import numpy as np

from families import family, normal, two
from litert import OP, Model


def several(code, arrays, shape, options=None, out_type=np.float32, constants=(), version=1):
    m = Model()
    inputs = [m.constant(a, a.dtype) if i in constants else m.input(a) for i, a in enumerate(arrays)]
    return m.output(m.op(code, inputs, shape, options, out_type, version))


@family
def assemble_cases():
    yield "matrix_diag", True, several(OP.MATRIX_DIAG, [normal("md", 2, 3)], [2, 3, 3], ("MatrixDiagOptions", {}))
    for rows, columns in ((3, 3), (2, 4), (4, 2)):
        name = f"matrix_set_diag {rows} by {columns}"
        arrays = [normal(name, 2, rows, columns), normal(name + "d", 2, min(rows, columns))]
        yield name, True, several(OP.MATRIX_SET_DIAG, arrays, [2, rows, columns], ("MatrixSetDiagOptions", {}))
    for start in ([0, 0, 0], [1, 2, 0], [9, -3, 2]):
        name = f"dynamic_update_slice at {start}"
        arrays = [normal(name, 3, 4, 5), normal(name + "p", 2, 1, 3), np.array(start, np.int32)]
        yield name, True, several(OP.DYNAMIC_UPDATE_SLICE, arrays, [3, 4, 5], ("DynamicUpdateSliceOptions", {}),
                                  constants=(2,))
    ids = np.array([0, 0, 1, 2, 2, 2], np.int32)
    yield "segment_sum", False, several(OP.SEGMENT_SUM, [normal("ss", 6, 2, 3), ids], [3, 2, 3],
                                        ("SegmentSumOptions", {}), constants=(1,))
    mixed = np.array([3, 0, -1, 3, 1, 0], np.int32)
    for code, word in ((OP.UNSORTED_SEGMENT_SUM, "Sum"), (OP.UNSORTED_SEGMENT_PROD, "Prod"),
                       (OP.UNSORTED_SEGMENT_MAX, "Max"), (OP.UNSORTED_SEGMENT_MIN, "Min")):
        yield f"unsorted_segment_{word.lower()}", False, several(
            code, [normal("us" + word, 6, 3), mixed, np.array(5, np.int32)], [5, 3],
            (f"UnsortedSegment{word}Options", {}), constants=(1, 2))
    a, b = normal("atan2a", 5, 8), normal("atan2b", 5, 8)
    a[0, :3], b[0, :4] = 0, [0, 1, -1, 0]
    yield "atan2", False, two(OP.ATAN2, a, lambda m: m.input(b), [5, 8])
    m = Model()
    x = m.input(normal("bucketize", 4, 6, scale=2))
    edges = m.op(OP.BUCKETIZE, [x], [4, 6], ("BucketizeOptions", dict(boundaries=[-1.5, 0.0, 0.25, 2.0])), np.int32)
    yield "bucketize", True, m.output(edges)
