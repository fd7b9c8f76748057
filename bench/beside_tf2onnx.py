#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""EdgeStream's converter beside tf2onnx on the same float files, in one run.

    bench/beside_tf2onnx.py MODEL.tflite ...      (all bundled and, with EDGESTREAM_EXPORTS, the shared exports without)

For each file and both converters: seconds and peak memory of a process, nodes, bytes, Transposes, the largest error
against LiteRT on structured pictures in front of the last Softmax, and ONNX Runtime's milliseconds at batch 1 on one
thread, the median of 15 rounds that alternate between the two, LiteRT's own beside them. Needs the packages
tensorflow, tf2onnx 1.16.1, onnxruntime, ai-edge-litert and numpy; prints machine, versions and a Markdown table.
"""
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import warnings

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType

ROOT = pathlib.Path(__file__).resolve().parents[1]
ROUNDS = 15
# tf2onnx 1.16 was written for numpy 1.
SHIM = ("import numpy as np, runpy, sys\n"
        "if not hasattr(np, 'cast'):\n"
        "    np.cast = type('Cast', (), {'__getitem__': lambda s, t: lambda a: np.asarray(a, dtype=t)})()\n"
        "runpy.run_module('tf2onnx.convert', run_name='__main__')\n")
MEASURE = ("import os, subprocess, sys, time\n"
           "start = time.perf_counter()\n"
           "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
           "_, status, usage = os.wait4(child.pid, 0)\n"
           "print(time.perf_counter() - start, usage.ru_maxrss / 1024, status)\n")
SHARED = ("bench-image96-rgb/image-96-96-mobilenet-f32/"
          "ei-benchmark-image-96x96-0.35-color-transfer-learning-tensorflow-lite-float32-model.lite",
          "hpss-fomo-rgb240-f32/fomo01.tflite",
          "bench-keywords-mfcc/keywords-2d-f32/ei-benchmark-keywords-2d-nn-classifier-tensorflow-lite-float32-model.lite",
          "linux-yolov5-jan-160/jan.lite")


def models(arguments, scratch):
    if arguments:
        return [pathlib.Path(a) for a in arguments]
    found = sorted((ROOT / "examples/candy").glob("*.lite"))
    for archive in sorted((ROOT / "examples/candy").glob("*.zip")):
        with zipfile.ZipFile(archive) as z:
            inner = next((n for n in z.namelist() if n.endswith(".tflite")), None)
            if inner:
                found.append(pathlib.Path(z.extract(inner, scratch / archive.stem)))
    shared = os.environ.get("EDGESTREAM_EXPORTS")
    return found + [pathlib.Path(shared) / name for name in SHARED if shared]


def measured(command):
    """Seconds, peak MiB and exit code of a process."""
    # By a small process of its own: a child begins with the memory of what started it.
    answer = subprocess.run([sys.executable, "-S", "-c", MEASURE, *command], stdout=subprocess.PIPE, text=True, check=True)
    seconds, mebibytes, status = answer.stdout.split()
    return float(seconds), float(mebibytes), int(status)


def pictures(shape, count=4):
    rows = []
    for n in range(count):
        grid = np.indices(shape[1:], dtype=np.float64)
        waves = sum(np.sin((n + 1 + i) * (g + 1) / (3.0 + i)) for i, g in enumerate(grid))
        rows.append(((waves - waves.min()) / max(np.ptp(waves), 1e-9)).astype(np.float32)[None] * (n + 1) / count)
    return rows


class LiteRt:
    def __init__(self, path):
        # Its plain kernels, which let every tensor be read; the default ones are timed.
        self.interpreter = Interpreter(model_path=str(path), num_threads=1, experimental_preserve_all_tensors=True,
                                       experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        self.interpreter.allocate_tensors()
        self.timed = Interpreter(model_path=str(path), num_threads=1)
        self.timed.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        last = self.interpreter._get_ops_details()[-1]
        self.output = last["inputs"][0] if last["op_name"] == "SOFTMAX" else self.interpreter.get_output_details()[0]["index"]

    def run(self, row):
        self.interpreter.set_tensor(self.input["index"], row)
        self.interpreter.invoke()
        return np.array(self.interpreter.get_tensor(self.output))

    def milliseconds(self, row):
        self.timed.set_tensor(self.timed.get_input_details()[0]["index"], row)
        start = time.perf_counter()
        self.timed.invoke()
        return 1000 * (time.perf_counter() - start)


class Onnx:
    def __init__(self, path):
        self.model = onnx.load(path)
        self.bytes = path.stat().st_size
        self.operators = Counter(n.op_type for n in self.model.graph.node)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.timed = onnxruntime.InferenceSession(self.model.SerializeToString(), options, ["CPUExecutionProvider"])
        output = self.model.graph.output[0]
        maker = next(n for n in self.model.graph.node if output.name in n.output)
        if maker.op_type == "Transpose":
            maker = next((n for n in self.model.graph.node if maker.input[0] in n.output), maker)
        if maker.op_type == "Softmax":
            self.model.graph.output.insert(0, onnx.ValueInfoProto(name=maker.input[0]))
        self.session = onnxruntime.InferenceSession(self.model.SerializeToString(), options, ["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]

    def rows(self, row):
        wanted = [d if isinstance(d, int) else 1 for d in self.input.shape]
        return row if list(row.shape) == wanted else np.ascontiguousarray(np.moveaxis(row, -1, 1))

    def run(self, row, shape):
        answer = self.session.run([self.session.get_outputs()[0].name], {self.input.name: self.rows(row)})[0]
        return answer if answer.shape == shape else np.moveaxis(answer, 1, -1).reshape(shape)

    def milliseconds(self, row):
        feed = {self.input.name: self.rows(row)}
        start = time.perf_counter()
        self.timed.run(None, feed)
        return 1000 * (time.perf_counter() - start)


def error(network, reference, rows):
    answers = [reference.run(row) for row in rows]
    largest = max(float(np.abs(a).max()) for a in answers)
    return max(float(np.abs(network.run(r, a.shape) - a).max()) for r, a in zip(rows, answers)) / largest


def main():
    warnings.filterwarnings("ignore")
    onnxruntime.set_default_logger_severity(3)
    scratch = pathlib.Path(tempfile.mkdtemp())
    import tf2onnx
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    print(f"{cpu}, {os.cpu_count()} cores; ONNX Runtime {onnxruntime.__version__}, tf2onnx {tf2onnx.__version__}, "
          f"EdgeStream {subprocess.run([ROOT / 'edgestream', '--version'], capture_output=True, text=True).stdout.split()[-1]}\n")
    print("| model | converter | s | MiB | nodes | kB | Transposes | error | ms | LiteRT ms |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ratios = []
    for path in models(sys.argv[1:], scratch):
        reference = LiteRt(path)
        tensor = reference.input["name"]
        ours, theirs = scratch / "ours.onnx", scratch / "theirs.onnx"
        as_nchw = ["--inputs-as-nchw", tensor] if len(reference.input["shape"]) == 4 else []
        commands = (
            ("EdgeStream", ours, [ROOT / "edgestream", "tf2onnx", "--tflite", path, "--output", ours, *as_nchw]),
            ("tf2onnx", theirs, [sys.executable, "-c", SHIM, "--tflite", path, "--output", theirs, "--opset", "13", *as_nchw]))
        rows = pictures(reference.input["shape"])
        found = []
        for name, target, command in commands:
            target.unlink(missing_ok=True)
            seconds, mebibytes, status = measured([str(c) for c in command])
            found.append((name, seconds, mebibytes, status, Onnx(target) if status == 0 and target.exists() else None))
        timed = [reference] + [network for *_, network in found if network]
        for runner in timed:
            runner.milliseconds(rows[0])
        rounds = [[runner.milliseconds(rows[0]) for runner in timed] for _ in range(ROUNDS)]
        medians = [statistics.median(column) for column in zip(*rounds)]
        of = iter(medians[1:])
        latencies = []
        for name, seconds, mebibytes, status, network in found:
            if network is None:
                print(f"| {path.stem[:40]} | {name} | failed | | | | | | | |")
                continue
            latencies.append(next(of))
            print(f"| {path.stem[:40]} | {name} | {seconds:.3f} | {mebibytes:.0f} | {sum(network.operators.values())} | "
                  f"{network.bytes / 1000:.0f} | {network.operators['Transpose']} | {error(network, reference, rows):.1e} | "
                  f"{latencies[-1]:.2f} | {medians[0]:.2f} |", flush=True)
        if len(latencies) == 2:
            ratios.append(latencies[0] / latencies[1])
    if ratios:
        print(f"\nms of EdgeStream's file over tf2onnx's: {', '.join(f'{r:.2f}' for r in ratios)}; geometric mean "
              f"{statistics.geometric_mean(ratios):.2f}")


if __name__ == "__main__":
    main()
