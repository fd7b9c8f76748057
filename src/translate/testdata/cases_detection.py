# SPDX-License-Identifier: Apache-2.0
"""Boxes decoded and suppressed, and numbers rounded to the steps of a range."""
import numpy as np
from flatbuffers import flexbuffers

from families import family, normal, one
from litert import OP, Model, random


def options(classes, detections, per_anchor=1, per_class=None, score=0.3, iou=0.5, regular=None):
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in (("y_scale", 10.0), ("x_scale", 10.0), ("h_scale", 5.0), ("w_scale", 5.0),
                           ("nms_score_threshold", score), ("nms_iou_threshold", iou)):
            builder.Float(key, value)
        builder.Int("num_classes", classes)
        builder.Int("max_detections", detections)
        builder.Int("max_classes_per_detection", per_anchor)
        if per_class is not None:
            builder.Int("detections_per_class", per_class)
        if regular is not None:
            builder.Bool("use_regular_nms", regular)
    return bytes(builder.Finish())


# The runtime's fast kernel does not write the rows behind the last detection; in these cases fresh memory makes them
# zeros, which is what they are in the converted graph.
def post_process(name, anchors, classes, background, detections, **how):
    rng = random(name)
    # Anchors in a few clumps, so that boxes overlap.
    centers = rng.uniform(0.2, 0.8, (4, 2))[rng.integers(0, 4, anchors)] + rng.normal(0, 0.03, (anchors, 2))
    sizes = rng.uniform(0.1, 0.4, (anchors, 2))
    scores = rng.uniform(0, 1, (1, anchors, classes + background)).astype(np.float32)
    if how.get("score") == "of a candidate":
        how["score"] = float(scores[0, anchors // 2, background:].max())
    m = Model()
    inputs = [m.input(normal(name + "e", 1, anchors, 4)), m.input(scores),
              m.constant(np.concatenate([centers, sizes], 1))]
    rows = detections * how.get("per_anchor", 1)
    outputs = m.custom("TFLite_Detection_PostProcess", inputs, [[1, rows, 4], [1, rows], [1, rows], [1]],
                       options(classes, detections, **how))
    return m.output(*outputs)


def suppression(name, version, boxes, scores, most, iou, score):
    m = Model()
    inputs = [m.input(np.array(boxes, np.float32)), m.input(np.array(scores, np.float32)),
              m.constant(most, np.int32), m.constant(iou), m.constant(score)]
    if version == 5:
        inputs.append(m.constant(0.0))
    shapes = [[most]] + ([[most]] if version == 5 else []) + [[]]
    types = [np.int32] + ([np.float32] if version == 5 else []) + [np.int32]
    code = OP.NON_MAX_SUPPRESSION_V5 if version == 5 else OP.NON_MAX_SUPPRESSION_V4
    return m.output(*m.op(code, inputs, shapes, None, types))


@family
def detection_cases():
    for classes, background in ((1, 1), (1, 0), (3, 1), (3, 0)):
        name = f"fast, {classes} classes, background {background}"
        yield name, False, post_process(name, 24, classes, background, 8)
        name = f"regular, {classes} classes, background {background}"
        yield name, False, post_process(name, 24, classes, background, 8, regular=True)
    yield "fast, two classes each", False, post_process("k", 24, 4, 1, 6, per_anchor=2, regular=False)
    yield "fast, more classes each than there are", False, post_process("kk", 24, 1, 1, 6, per_anchor=1)
    yield "fast, threshold at a score", False, post_process("t", 25, 2, 1, 10, score="of a candidate")
    yield "regular, threshold at a score", False, post_process("tr", 25, 2, 1, 10, score="of a candidate", regular=True)
    yield "fast, more rows than anchors", False, post_process("m", 5, 2, 1, 9)
    yield "regular, more rows than candidates", False, post_process("mr", 3, 2, 1, 9, regular=True)
    yield "regular, two of each class", False, post_process("pc", 24, 3, 1, 8, per_class=2, regular=True)
    rng = random("nms")
    corners = rng.uniform(0, 1, (12, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0.1, 0.6, (12, 2))], 1)
    scores = rng.permutation(np.linspace(0.1, 0.9, 12))
    swapped = boxes[:, [2, 1, 0, 3]]
    # The second overlaps the first by exactly a half.
    halves = [[0, 0, 1, 1], [0, 0, 1, 0.5], [2, 2, 3, 3]]
    for version in (4, 5):
        yield f"v{version}", False, suppression("a", version, boxes, scores, 6, 0.3, 0.2)
        yield f"v{version}, corners the other way round", False, suppression("b", version, swapped, scores, 6, 0.3, 0.2)
        yield f"v{version}, more than there are", False, suppression("c", version, boxes, scores, 20, 0.3, 0.5)
        yield f"v{version}, overlap at the threshold", False, suppression("d", version, halves, [0.9, 0.8, 0.7], 3, 0.5, 0.0)
        yield f"v{version}, score at the threshold", False, suppression("e", version, halves, [0.9, 0.8, 0.5], 3, 0.6, 0.5)


@family
def quantize_cases():
    for low, high, bits in ((-1.0, 2.0, 8), (0.0, 6.0, 8), (-0.3, 0.7, 4), (-6.1, 5.9, 16)):
        name = f"fake_quant {low} to {high} in {bits} bits"
        x = normal(name, 3, 40, scale=3)
        yield name, False, one(OP.FAKE_QUANT, x, ("FakeQuantOptions", dict(min=low, max=high, numBits=bits)))
