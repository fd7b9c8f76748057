# SPDX-License-Identifier: Apache-2.0
"""Small .tflite files written with LiteRT's own schema, run by LiteRT's own kernels, and recorded.

The runtime has three sets of kernels: the default (XNNPACK where it has the operator, else the optimised built-in one),
the optimised built-in ones alone, and the plain reference ones. The default's results are the recorded answer; how far
the others are from it is recorded with it, because no converter can be held to less.

A file of recorded cases, all numbers little-endian:
  "ESCASES1", u32 number of cases; for each case:
    text name, u8 exact, bytes model, u32 inputs, tensors, u32 outputs, (tensor, f64 noise) each
  text, bytes: u32 length and the bytes; tensor: u8 TFLite type, u32 rank, i32 dimensions, the elements
"""
import struct
import zlib

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

OP = schema.BuiltinOperator
TYPE = schema.TensorType
ACTIVATION = schema.ActivationFunctionType
PADDING = schema.Padding

TYPE_OF = {np.dtype(n): t for n, t in {
    "float32": TYPE.FLOAT32, "float16": TYPE.FLOAT16, "int32": TYPE.INT32, "uint8": TYPE.UINT8, "int64": TYPE.INT64,
    "bool": TYPE.BOOL, "int16": TYPE.INT16, "int8": TYPE.INT8}.items()}


class Model:
    """A graph under construction. Tensors are numbers; -1 is an absent optional input."""

    def __init__(self):
        self.tensors, self.buffers, self.operators, self.codes = [], [schema.BufferT()], [], []
        self.inputs, self.outputs, self.input_arrays = [], [], []

    def _tensor(self, shape, dtype, name, buffer=0):
        tensor = schema.TensorT()
        tensor.shape = list(shape)
        tensor.type = TYPE_OF[np.dtype(dtype)]
        tensor.buffer = buffer
        tensor.name = (name or f"tensor{len(self.tensors)}").encode()
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def input(self, array, name=None):
        index = self._tensor(array.shape, array.dtype, name or f"input{len(self.inputs)}")
        self.inputs.append(index)
        self.input_arrays.append(array)
        return index

    def constant(self, values, dtype=np.float32, name=None):
        array = np.array(values, dtype=dtype, order="C")
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
        self.buffers.append(buffer)
        return self._tensor(array.shape, dtype, name, len(self.buffers) - 1)

    def ints(self, values):
        return self.constant(values, np.int32)

    def quantized(self, values, scale, zero_point, axis=0, dtype=np.int8):
        return self.scale(self.constant(values, dtype), scale, zero_point, axis)

    def scale(self, tensor, scale, zero_point=0, axis=0):
        """Says what the integers of a tensor stand for; returns the tensor."""
        parameters = schema.QuantizationParametersT()
        parameters.scale = [float(s) for s in np.atleast_1d(scale)]
        parameters.zeroPoint = [int(z) for z in np.atleast_1d(zero_point)]
        parameters.quantizedDimension = axis
        self.tensors[tensor].quantization = parameters
        return tensor

    def op(self, code, inputs, out_shapes, options=None, out_type=np.float32, version=1):
        """Appends an operator; returns its output, or a list of them where out_shapes is a list of lists."""
        several = bool(out_shapes) and isinstance(out_shapes[0], (list, tuple))
        types = out_type if isinstance(out_type, (list, tuple)) else [out_type] * len(out_shapes)
        outputs = [self._tensor(s, t, None) for s, t in zip(out_shapes if several else [out_shapes], types or [out_type])]
        operator_code = schema.OperatorCodeT()
        operator_code.builtinCode = code
        operator_code.deprecatedBuiltinCode = min(code, 127)
        operator_code.version = version
        self.codes.append(operator_code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.codes) - 1
        operator.inputs, operator.outputs = list(inputs), outputs
        if options is not None:
            name, fields = options
            table = getattr(schema, name + "T")()
            for field, value in fields.items():
                assert hasattr(table, field), f"{name} has no {field}"
                setattr(table, field, value)
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            operator.builtinOptions = table
        self.operators.append(operator)
        return outputs if several else outputs[0]

    def custom(self, code, inputs, out_shapes, options):
        """A custom operator with the bytes of its options."""
        outputs = self.op(OP.CUSTOM, inputs, out_shapes)
        self.codes[-1].customCode = code.encode()
        self.operators[-1].customOptions = np.frombuffer(options, np.uint8)
        return outputs

    def output(self, *tensors):
        self.outputs.extend(tensors)
        return self

    def build(self):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = self.inputs, self.outputs
        model = schema.ModelT()
        model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [graph], self.buffers, self.codes
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def run(model, arrays, resolver=OpResolverType.AUTO):
    """The outputs of one run of `model` (bytes)."""
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=resolver, num_threads=1)
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), arrays):
        interpreter.set_tensor(detail["index"], array)
    interpreter.invoke()
    return [np.array(interpreter.get_tensor(detail["index"])) for detail in interpreter.get_output_details()]


def distance(a, b):
    assert a.shape == b.shape, f"kernel sets disagree about a shape: {a.shape}, {b.shape}"
    return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)), initial=0.0))


SETS = (OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, OpResolverType.BUILTIN_REF)


def answers(model, arrays, kernels=OpResolverType.AUTO):
    """The outputs of one set of kernels, and for each how far the other two sets are from it."""
    default = run(model, arrays, kernels)
    noise = [0.0] * len(default)
    for resolver in (s for s in SETS if s != kernels):
        try:
            others = run(model, arrays, resolver)
        except (RuntimeError, ValueError) as error:
            print(f"    {resolver.name} has no answer: {str(error).splitlines()[0]}")
            continue
        noise = [max(n, distance(a, b)) for n, a, b in zip(noise, default, others)]
    return default, noise


def _blob(data):
    return struct.pack("<I", len(data)) + data


def _tensor(array):
    head = struct.pack("<BI", TYPE_OF[array.dtype], array.ndim)
    return head + struct.pack(f"<{array.ndim}i", *array.shape) + array.tobytes("C")


def random(name):
    """A generator of its own for each case, so that cases come and go without changing each other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def record(path, cases, kernels=OpResolverType.AUTO):
    """Writes (name, exact, model bytes, input arrays) with LiteRT's answers."""
    out = bytearray(b"ESCASES1" + struct.pack("<I", len(cases)))
    assert len({name for name, *_ in cases}) == len(cases), "two cases of one name"
    for name, exact, model, arrays in cases:
        print(f"  {name}", flush=True)
        outputs, noise = answers(model, arrays, kernels)
        out += _blob(name.encode()) + struct.pack("<B", exact) + _blob(model)
        out += struct.pack("<I", len(arrays)) + b"".join(_tensor(a) for a in arrays)
        out += struct.pack("<I", len(outputs))
        out += b"".join(_tensor(a) + struct.pack("<d", n) for a, n in zip(outputs, noise))
    path.write_bytes(out)
    print(f"{path.name}: {len(cases)} cases, {len(out)} bytes")
