# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements: shapes, parts, joining."""

import numpy as np

from families import family, normal
from litert import OP, Model, run


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
    def build(shape):
        m = Model()
        return m.output(m.op(OP.STRIDED_SLICE, [m.input(x), m.ints(begin), m.ints(end), m.ints(step)], shape,
                             ("StridedSliceOptions", masks), x.dtype))

    return build(list(run(build([1]).build(), [x])[0].shape))


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
