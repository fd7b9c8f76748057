#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the small models that the tests of backend/ and infer/ run.

    pip install numpy onnx==1.17.0
    python3 make_models.py

Every model computes something that a test can say in a line of arithmetic:

  colors          which of red, green, blue is strongest: softmax of 0.05 * channel mean; [N,3,8,8] -> [N,3]
  colors_gray     the same idea for one channel: dark or bright; [N,1,8,8] -> [N,2]
  colors_nhwc     colors with its input as [N,8,8,3]
  colors_fixed_1  colors with a batch of 1 wired into a Reshape
  colors_fixed_4  the same with a batch of 4
  colors_f16      colors with float16 at both ends
  colors_u8       colors with a uint8 input
  cells           a detector in the layout of YOLOv5: 16 cells of 8x8 pixels, each a box of its own size. Objectness is the
                  cell's strongest channel mean / 255, the two class scores are red and green / that; [N,3,32,32] ->
                  [N,16,7]
  argmax          the strongest channel as int64; [N,3,8,8] -> [N,1]
  any_size        mean per channel, height and width open; [N,3,H,W] -> [N,3]
  two_inputs      sum of the means of two pictures; twice [N,3,8,8] -> [N,3]
  flat            an input that is no picture; [N,12] -> [N,1]
  external        weights in another file, weights.bin, which a test makes: it must not be read; [4] -> [4]
  bright_pixels   where a picture is above 100: an output whose size the input decides; [N,1,4,4] -> [4,hits]
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent


def constant(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def tensor(name, shape, dtype=T.FLOAT):
    return h.make_tensor_value_info(name, dtype, shape)


def save(name, nodes, inputs, outputs, constants=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(constants))
    model = h.make_model(graph, producer_name="edgestream-tests", opset_imports=[h.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def channel_means(picture="picture"):
    return [h.make_node("ReduceMean", [picture], ["mean"], axes=[2, 3], keepdims=0)]


def softmax_of_mean():
    return [h.make_node("Mul", ["mean", "gain"], ["logits"]), h.make_node("Softmax", ["logits"], ["scores"], axis=1)]


GAIN = constant("gain", [0.05])


def colors():
    save("colors", channel_means() + softmax_of_mean(), [tensor("picture", ["N", 3, 8, 8])], [tensor("scores", ["N", 3])],
         [GAIN])
    save("colors_nhwc",
         [h.make_node("Transpose", ["picture"], ["nchw"], perm=[0, 3, 1, 2])] + channel_means("nchw") + softmax_of_mean(),
         [tensor("picture", ["N", 8, 8, 3])], [tensor("scores", ["N", 3])], [GAIN])
    for batch in (1, 4):
        save(f"colors_fixed_{batch}",
             [h.make_node("Reshape", ["picture", "shape"], ["rows"]),
              h.make_node("ReduceMean", ["rows"], ["mean"], axes=[2], keepdims=0)] + softmax_of_mean(),
             [tensor("picture", [batch, 3, 8, 8])], [tensor("scores", [batch, 3])],
             [GAIN, constant("shape", [batch, 3, 64], np.int64)])
    save("colors_f16",
         [h.make_node("Cast", ["picture"], ["wide"], to=T.FLOAT)] + channel_means("wide") + softmax_of_mean()[:1] +
         [h.make_node("Softmax", ["logits"], ["wide_scores"], axis=1),
          h.make_node("Cast", ["wide_scores"], ["scores"], to=T.FLOAT16)],
         [tensor("picture", ["N", 3, 8, 8], T.FLOAT16)], [tensor("scores", ["N", 3], T.FLOAT16)], [GAIN])
    save("colors_u8",
         [h.make_node("Cast", ["picture"], ["wide"], to=T.FLOAT)] + channel_means("wide") + softmax_of_mean(),
         [tensor("picture", ["N", 3, 8, 8], T.UINT8)], [tensor("scores", ["N", 3])], [GAIN])
    save("colors_gray",
         channel_means() +
         [h.make_node("Mul", ["mean", "sides"], ["pair"]), h.make_node("Add", ["pair", "middle"], ["logits"]),
          h.make_node("Softmax", ["logits"], ["scores"], axis=1)],
         [tensor("picture", ["N", 1, 8, 8])], [tensor("scores", ["N", 2])],
         [constant("sides", [[-0.05, 0.05]]), constant("middle", [[6.4, -6.4]])])


def cells():
    x, y = np.meshgrid(np.arange(4), np.arange(4))
    boxes = np.stack([8 * x + 4, 8 * y + 4, np.full((4, 4), 8), np.full((4, 4), 6)], axis=2).reshape(1, 16, 4)
    save("cells", [
        h.make_node("AveragePool", ["images"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        h.make_node("Reshape", ["pooled", "as_cells"], ["columns"]),
        h.make_node("Transpose", ["columns"], ["means"], perm=[0, 2, 1]),
        h.make_node("ReduceMax", ["means"], ["strongest"], axes=[2], keepdims=1),
        h.make_node("Mul", ["strongest", "unit"], ["objectness"]),
        h.make_node("Max", ["strongest", "one"], ["divisor"]),
        h.make_node("Slice", ["means", "zero", "two", "last"], ["red_green"]),
        h.make_node("Div", ["red_green", "divisor"], ["classes"]),
        h.make_node("Mul", ["objectness", "none"], ["nothing"]),
        h.make_node("Add", ["boxes", "nothing"], ["places"]),
        h.make_node("Concat", ["places", "objectness", "classes"], ["output0"], axis=2),
    ], [tensor("images", ["N", 3, 32, 32])], [tensor("output0", ["N", 16, 7])], [
        constant("as_cells", [0, 3, 16], np.int64), constant("unit", [1 / 255]), constant("one", [1]),
        constant("zero", [0], np.int64), constant("two", [2], np.int64), constant("last", [2], np.int64),
        constant("none", [0]), constant("boxes", boxes),
    ])


def others():
    save("argmax", channel_means() + [h.make_node("ArgMax", ["mean"], ["index"], axis=1, keepdims=1)],
         [tensor("picture", ["N", 3, 8, 8])], [tensor("index", ["N", 1], T.INT64)])
    save("any_size", channel_means(), [tensor("picture", ["N", 3, "H", "W"])], [tensor("mean", ["N", 3])])
    save("two_inputs",
         [h.make_node("Add", ["left", "right"], ["sum"]), h.make_node("ReduceMean", ["sum"], ["mean"], axes=[2, 3], keepdims=0)],
         [tensor("left", ["N", 3, 8, 8]), tensor("right", ["N", 3, 8, 8])], [tensor("mean", ["N", 3])])
    save("flat", [h.make_node("ReduceMean", ["row"], ["mean"], axes=[1])], [tensor("row", ["N", 12])], [tensor("mean", ["N", 1])])
    save("bright_pixels", [h.make_node("Greater", ["picture", "limit"], ["bright"]), h.make_node("NonZero", ["bright"], ["places"])],
         [tensor("picture", ["N", 1, 4, 4])], [tensor("places", [4, "hits"], T.INT64)], [constant("limit", 100)])


def external():
    weights = onnx.TensorProto(name="weights", data_type=T.FLOAT, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    for key, value in (("location", "weights.bin"), ("length", "16")):
        weights.external_data.add(key=key, value=value)
    graph = h.make_graph([h.make_node("Add", ["x", "weights"], ["y"])], "external", [tensor("x", [4])], [tensor("y", [4])],
                         [weights])
    model = h.make_model(graph, producer_name="edgestream-tests", opset_imports=[h.make_opsetid("", 13)])
    model.ir_version = 8
    (HERE / "external.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    colors()
    cells()
    others()
    external()
