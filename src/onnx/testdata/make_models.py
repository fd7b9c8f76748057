#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the ONNX files that onnx_test.cpp reads.

Needs the packages onnx 1.23 and numpy of PyPI; run it in this folder. One
function a file: its name is the file's, its docstring says what the file is for.
models/ are sound and in the forms of many opsets; hostile/ each carry one wound.
"""
import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def floats(name, *dims, seed=0):
    return tensor(name, np.random.RandomState(seed).uniform(-1, 1, dims).astype(np.float32))


def value(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, initializers=(), opset=13, **more):
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], **more)
    result.ir_version = 7
    return result


def open_shape(name):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)


# --- sound models: what each opset wrote differently

def opset7():
    """Attributes that later became inputs; softmax over several axes; Upsample by attribute."""
    n = helper.make_node
    return model([
        n("Clip", ["x"], ["a"], min=-0.5, max=0.5),
        n("Pad", ["a"], ["b"], pads=[0, 0, 1, 0, 0, 0, 0, 2], value=1.5),
        n("Slice", ["b"], ["c"], starts=[1, 0], ends=[4, -1], axes=[2, 3]),
        n("Softmax", ["c"], ["d"]),
        n("LogSoftmax", ["c"], ["e"], axis=3),
        n("Split", ["d"], ["f", "g"], axis=1, split=[1, 3]),
        n("ReduceSum", ["g"], ["h"], axes=[2], keepdims=0),
        n("Unsqueeze", ["h"], ["i"], axes=[0, 3]),
        n("Squeeze", ["i"], ["j"], axes=[0]),
        n("TopK", ["e"], ["k", "l"], k=2, axis=3),
        n("Upsample", ["f"], ["m"], mode="nearest", scales=[1.0, 1.0, 2.0, 3.0]),
        n("Dropout", ["m"], ["o"], ratio=0.3),
        n("BatchNormalization", ["g", "s", "t", "u", "v"], ["p"], spatial=1, epsilon=0.01),
        n("Softmax", ["j"], ["q"], axis=-1),
    ], [value("x", [2, 4, 5, 3])], [open_shape(name) for name in "jkopq"] + [value("l", None, TensorProto.INT64)],
        [floats("s", 3), floats("t", 3, seed=1), floats("u", 3, seed=2), tensor("v", np.float32([1, 2, 3]))], opset=7)


def opset9():
    """Upsample by a constant input; Scatter."""
    n = helper.make_node
    return model([
        n("Upsample", ["x", "scales"], ["a"], mode="linear"),
        n("Scatter", ["x", "indices", "updates"], ["b"], axis=2),
    ], [value("x", [1, 2, 3, 4])], [open_shape("a"), open_shape("b")],
        [tensor("scales", np.float32([1, 1, 2, 2])), tensor("indices", np.int64([[[[0, 2, 1, 0]]]])),
         floats("updates", 1, 1, 1, 4)], opset=9)


def opset10():
    """Resize before it had coordinate modes; Slice by inputs; a limit left out of Clip."""
    n = helper.make_node
    return model([
        n("Resize", ["x", "scales"], ["a"], mode="nearest"),
        n("Slice", ["x", "starts", "ends", "axes", "steps"], ["b"]),
        n("Clip", ["b"], ["c"], max=0.25),
    ], [value("x", [1, 2, 3, 4])], [open_shape("a"), open_shape("c")],
        [tensor("scales", np.float32([1, 1, 3, 2])), tensor("starts", np.int64([3])), tensor("ends", np.int64([-10])),
         tensor("axes", np.int64([3])), tensor("steps", np.int64([-2]))], opset=10)


def opset13():
    """Constants in every spelling, an optional input left out, nodes out of order, an initializer listed as input."""
    n = helper.make_node
    nodes = [
        n("Add", ["b", "halves"], ["c"]),
        n("Clip", ["a", "", "top"], ["b"]),
        n("Mul", ["x", "w"], ["a"]),
        n("Constant", [], ["top"], value_float=0.75),
        n("Constant", [], ["halves"], value=helper.make_tensor("h", TensorProto.FLOAT, [3], [0.5, 0.25, 0.125])),
        n("Constant", [], ["axes"], value_ints=[0]),
        n("Unsqueeze", ["c", "axes"], ["d"]),
        n("Cast", ["small"], ["wide"], to=TensorProto.FLOAT),
        n("Add", ["d", "wide"], ["y"]),
    ]
    small = helper.make_tensor("small", TensorProto.INT8, [3], [-1, 2, 127])
    return model(nodes, [value("x", ["batch", 3]), value("w", [3])], [value("y", None)], [floats("w", 3), small])


def opset18():
    """Axes as inputs, num_outputs, axes of a Pad."""
    n = helper.make_node
    return model([
        n("ReduceMean", ["x", "axes"], ["a"], keepdims=0),
        n("ReduceMax", ["x"], ["b"], noop_with_empty_axes=1),
        n("ReduceL2", ["x"], ["c"]),
        n("Split", ["x"], ["d", "e"], axis=2, num_outputs=2),
        n("Pad", ["x", "pads", "", "pad_axes"], ["f"]),
        n("Reshape", ["x", "shape"], ["g"], allowzero=0),
        n("Resize", ["x", "", "scales"], ["h"], mode="linear", antialias=0, keep_aspect_ratio_policy="stretch"),
    ], [value("x", [1, 2, 5, 4])], [open_shape(name) for name in "abcdefgh"],
        [tensor("axes", np.int64([2, -1])), tensor("pads", np.int64([1, 0, 0, 2])), tensor("pad_axes", np.int64([-1, 1])),
         tensor("shape", np.int64([0, -1])), tensor("scales", np.float32([1, 1, 1.6, 2]))], opset=18)


def opset21():
    """Operators that opset 13 does not have."""
    n = helper.make_node
    return model([
        n("Gelu", ["x"], ["a"]),
        n("HardSwish", ["a"], ["b"]),
        n("LayerNormalization", ["b", "s", "t"], ["c"], axis=-1),
        n("Cast", ["c"], ["d"], to=TensorProto.FLOAT, saturate=1),
    ], [value("x", [1, 2, 5, 4])], [open_shape("d")], [floats("s", 4), floats("t", 4, seed=1)], opset=21)


# --- one wound each

def relu(**more):
    return model([helper.make_node("Relu", ["x"], ["y"])], [value("x", [1, 3])], [value("y", [1, 3])], **more)


def cycle():
    return model([helper.make_node("Relu", ["x"], ["a"]), helper.make_node("Add", ["a", "c"], ["b"]),
                  helper.make_node("Relu", ["b"], ["c"])], [value("x", [1])], [value("c", [1])])


def duplicate_output():
    return model([helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Abs", ["x"], ["y"])],
                 [value("x", [1])], [value("y", [1])])


def dangling_input():
    return model([helper.make_node("Add", ["x", "nowhere"], ["y"], name="sum")], [value("x", [1])], [value("y", [1])])


def dangling_output():
    return model([helper.make_node("Relu", ["x"], ["y"])], [value("x", [1])], [value("z", [1])])


def no_outputs():
    return model([helper.make_node("Relu", ["x"], ["y"])], [value("x", [1])], [])


def name_taken():
    return model([helper.make_node("Relu", ["x"], ["w"])], [value("x", [1])], [value("w", [1])], [floats("w", 1)])


def with_weight(**fields):
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT)
    for name, content in fields.items():
        if name in ("dims", "float_data", "int32_data"):
            getattr(weight, name).extend(content)
        else:
            setattr(weight, name, content)
    return model([helper.make_node("Add", ["x", "w"], ["y"])], [value("x", [1])], [value("y", [1])], [weight])


def dims_overflow():
    return with_weight(dims=[1 << 40, 1 << 40], raw_data=b"")


def dims_overflow_behind_zero():
    return with_weight(dims=[1 << 40, 1 << 40, 0], raw_data=b"")


def negative_dim():
    return with_weight(dims=[-4], raw_data=b"\0" * 16)


def huge_dims_no_data():
    return with_weight(dims=[1 << 35])


def data_too_short():
    return with_weight(dims=[4], raw_data=b"\0" * 15)


def element_out_of_range():
    return with_weight(dims=[1], data_type=TensorProto.INT8, int32_data=[300])


def text_tensor():
    return with_weight(dims=[1], data_type=TensorProto.STRING)


def data_type_of_the_future():
    return with_weight(dims=[1], data_type=999, raw_data=b"\0")


def external_data():
    result = with_weight(dims=[4])
    weight = result.graph.initializer[0]
    weight.data_location = TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "../../../etc/passwd"
    return result


def control_flow():
    branch = helper.make_graph([helper.make_node("Relu", ["x"], ["b"])], "branch", [], [value("b", [1])])
    return model([helper.make_node("If", ["c"], ["y"], name="choice", then_branch=branch, else_branch=branch)],
                 [value("x", [1]), value("c", [], TensorProto.BOOL)], [value("y", [1])])


def other_domain():
    return model([helper.make_node("FusedConv", ["x"], ["y"], domain="com.microsoft", name="fused")],
                 [value("x", [1])], [value("y", [1])])


def unknown_operator():
    return model([helper.make_node("Frobnicate", ["x"], ["y"])], [value("x", [1])], [value("y", [1])])


def functions():
    result = relu()
    function = result.functions.add()
    function.name, function.domain = "f", "local"
    return result


def opset_of_the_future():
    return relu(opset=99)


def opset_of_the_past():
    return relu(opset=6)


def opset_twice():
    result = relu()
    result.opset_import.add().version = 12
    return result


def opset_missing():
    result = relu()
    del result.opset_import[:]
    return result


def no_graph():
    result = relu()
    result.ClearField("graph")
    return result


def sequence_input():
    x = helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, [1])
    return model([helper.make_node("Identity", ["x"], ["y"])], [x], [value("y", [1])])


def shapeless_input():
    return model([helper.make_node("Relu", ["x"], ["y"])], [open_shape("x")], [value("y", None)])


def attribute_of_wrong_type():
    return model([helper.make_node("MaxPool", ["x"], ["y"], name="pool", kernel_shape=3)],
                 [value("x", [1, 1, 8, 8])], [value("y", None)])


def attribute_twice():
    node = helper.make_node("LeakyRelu", ["x"], ["y"], alpha=0.5)
    node.attribute.add().CopyFrom(node.attribute[0])
    return model([node], [value("x", [1])], [value("y", [1])])


def channels_do_not_fit():
    return model([helper.make_node("Conv", ["x", "w"], ["y"], name="first")], [value("x", [1, 3, 8, 8])],
                 [value("y", None)], [floats("w", 2, 4, 3, 3)])


def windows_of_every_size():
    """Numbers whose products leave 64 bits, in every attribute of a window."""
    big = (1 << 62)
    return model([helper.make_node("MaxPool", ["x"], ["y"], name="pool", kernel_shape=[big, big], strides=[big, 1],
                                   pads=[big, big, big, big])], [value("x", [1, 1, 8, 8])], [value("y", None)])


def no_output_of_a_node():
    node = helper.make_node("Relu", ["x"], [""], name="mute")
    return model([node, helper.make_node("Abs", ["x"], ["y"])], [value("x", [1])], [value("y", [1])])


def input_left_out():
    return model([helper.make_node("Conv", ["", "w"], ["y"], name="first")], [value("x", [1])], [value("y", None)],
                 [floats("w", 2, 4, 3, 3)])


def training_form():
    n = helper.make_node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y"], name="norm", training_mode=1)
    return model([n], [value("x", [1, 3, 2, 2])], [value("y", None)], [floats("s", 3)], opset=14)


def truncated(data):
    return data[:len(data) // 2]


MODELS = [opset7, opset9, opset10, opset13, opset18, opset21]
HOSTILE = [cycle, duplicate_output, dangling_input, dangling_output, no_outputs, name_taken, dims_overflow,
           dims_overflow_behind_zero, negative_dim, huge_dims_no_data, data_too_short, element_out_of_range, text_tensor,
           data_type_of_the_future, external_data, control_flow, other_domain, unknown_operator, functions,
           opset_of_the_future, opset_of_the_past, opset_twice, opset_missing, no_graph, sequence_input, shapeless_input,
           attribute_of_wrong_type, attribute_twice, channels_do_not_fit, windows_of_every_size, no_output_of_a_node,
           input_left_out, training_form]


def main():
    for folder, functions_of_it in (("models", MODELS), ("hostile", HOSTILE)):
        (HERE / folder).mkdir(exist_ok=True)
        for make in functions_of_it:
            (HERE / folder / f"{make.__name__}.onnx").write_bytes(make().SerializeToString(deterministic=True))
    (HERE / "hostile/truncated.onnx").write_bytes(truncated(opset13().SerializeToString(deterministic=True)))
    (HERE / "hostile/text.onnx").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    (HERE / "hostile/empty.onnx").write_bytes(b"")


if __name__ == "__main__":
    main()
