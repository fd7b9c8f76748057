#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wrong networks of this folder: source.onnx, as `edgestream convert source.tflite` wrote it, with one mistake each,
and what tf2onnx makes of source.tflite (tf2onnx.onnx; it loses a bias and puts Softmax's factor behind it).

Each function below is one mistake that converters have made; its name is the file's. Needs the packages onnx and numpy,
for tf2onnx.onnx also tensorflow and tf2onnx 1.16.1. mutants_test.cpp says at which operator each is found.
"""
import pathlib

import numpy as np
import onnx
from onnx import helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent


class Network:
    def __init__(self):
        self.model = onnx.load(HERE / "source.onnx")
        self.graph = self.model.graph

    def node(self, name):
        return next(n for n in self.graph.node if n.name == name)

    def weight(self, name, slot=1):
        wanted = self.node(name).input[slot]
        return next(i for i in self.graph.initializer if i.name == wanted)

    def change(self, name, function, slot=1):
        tensor = self.weight(name, slot)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(function(numpy_helper.to_array(tensor))), tensor.name))

    def set(self, name, attribute, value):
        node = self.node(name)
        kept = [a for a in node.attribute if a.name != attribute]
        del node.attribute[:]
        node.attribute.extend(kept + [helper.make_attribute(attribute, value)])

    def constant(self, name, array):
        self.graph.initializer.append(numpy_helper.from_array(array, name))
        return name


def bias_dropped(n):
    n.change("op_3_CONV_2D", np.zeros_like, 2)


def pad_on_the_wrong_side(n):
    n.set("op_0_CONV_2D", "pads", [1, 1, 0, 0])


def channels_swapped(n):
    n.change("op_0_CONV_2D", lambda w: w[:, ::-1])


def depthwise_turned(n):
    n.change("op_1_DEPTHWISE_CONV_2D", lambda w: w.transpose(0, 1, 3, 2))


def relu6_as_relu(n):
    clip = n.node("op_1_DEPTHWISE_CONV_2D/Clip")
    clip.input[2] = ""


def pad_forgotten(n):
    n.set("op_3_CONV_2D", "pads", [1, 1, 0, 0])


def residual_from_elsewhere(n):
    n.node("op_5_ADD").input[1] = n.node("op_5_ADD").input[0]


def joined_in_another_order(n):
    joined = n.node("op_7_CONCATENATION")
    joined.input[0], joined.input[1] = joined.input[1], joined.input[0]


def half_pixels(n):
    n.set("op_8_RESIZE_BILINEAR", "coordinate_transformation_mode", "half_pixel")


def padding_counted(n):
    n.set("op_9_AVERAGE_POOL_2D", "count_include_pad", 1)


def dense_bias_lost(n):
    n.change("op_10_FULLY_CONNECTED", np.zeros_like, 2)


def flatten_not_permuted(n):
    # Channels last, as the file has the columns; the map in front is channels first.
    n.change("op_12_FULLY_CONNECTED",
             lambda w: w.reshape(4, 5, 4, 4).transpose(0, 2, 3, 1).reshape(4, 80))


def factor_behind_the_softmax(n):
    scale, softmax = n.node("op_13_SOFTMAX"), n.node("op_13_SOFTMAX/Softmax")
    factor = scale.input[1]
    softmax.input[0], softmax.output[0] = scale.input[0], "probabilities"
    scale.input[0], scale.output[0] = "probabilities", n.graph.output[0].name
    n.graph.node.remove(scale)
    n.graph.node.append(helper.make_node("Mul", ["probabilities", factor], [n.graph.output[0].name], "op_13_SOFTMAX/Mul"))
    assert softmax in n.graph.node


def batch_baked(n):
    n.node("op_11_RESHAPE").op_type = "Reshape"
    del n.node("op_11_RESHAPE").attribute[:]
    n.node("op_11_RESHAPE").input.append(n.constant("baked", np.array([1, 80], np.int64)))
    del n.graph.value_info[:]


def scaled_twice(n):
    n.change("op_6_CONV_2D", lambda w: w * np.float32(1.01))


MISTAKES = (bias_dropped, pad_on_the_wrong_side, channels_swapped, depthwise_turned, relu6_as_relu, pad_forgotten,
            residual_from_elsewhere, joined_in_another_order, half_pixels, padding_counted, dense_bias_lost,
            flatten_not_permuted, factor_behind_the_softmax, batch_baked, scaled_twice)


def main():
    for mistake in MISTAKES:
        network = Network()
        mistake(network)
        onnx.checker.check_model(network.model)
        onnx.save(network.model, HERE / f"{mistake.__name__}.onnx")
    print(f"{len(MISTAKES)} wrong networks")


if __name__ == "__main__":
    main()
