#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what NumPy and ONNX Runtime's NonMaxSuppression make of YOLOv5 rows: ort_yolov5.txt.

Needs numpy, onnx and onnxruntime (recorded with 2.4.6, 1.23.2 and 1.32.0). The score is objectness * class probability,
the class the best one, corners are held inside the picture, suppression is per class.
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def suppressor():
    names = ["boxes", "scores", "most", "iou", "threshold"]
    types = [TensorProto.FLOAT, TensorProto.FLOAT, TensorProto.INT64, TensorProto.FLOAT, TensorProto.FLOAT]
    shapes = [[1, None, 4], [1, None, None], [1], [1], [1]]
    graph = helper.make_graph([helper.make_node("NonMaxSuppression", names, ["picked"])], "nms",
                              [helper.make_tensor_value_info(n, t, s) for n, t, s in zip(names, types, shapes)],
                              [helper.make_tensor_value_info("picked", TensorProto.INT64, [None, 3])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def expected(session, rows, size, threshold, iou):
    left_top = np.clip(rows[:, :2] - rows[:, 2:4] / 2, 0, size)
    right_bottom = np.clip(rows[:, :2] + rows[:, 2:4] / 2, 0, size)
    best = rows[:, 5:].argmax(axis=1)
    score = rows[:, 4] * rows[np.arange(len(rows)), 5 + best]
    score[((right_bottom - left_top) < 1).any(axis=1)] = 0
    per_class = np.zeros((1, rows.shape[1] - 5, len(rows)), np.float32)
    per_class[0, best, np.arange(len(rows))] = score
    corners = np.concatenate([left_top[:, ::-1], right_bottom[:, ::-1]], axis=1)[None].astype(np.float32)
    picked = session.run(None, {"boxes": corners, "scores": per_class, "most": np.array([len(rows)]),
                                "iou": np.array([iou], np.float32), "threshold": np.array([threshold], np.float32)})[0]
    boxes = [(k, score[i], *left_top[i], *(right_bottom[i] - left_top[i])) for _, k, i in picked]
    return sorted(boxes, key=lambda box: (box[0], -box[1]))


def main():
    random = np.random.default_rng(20240608)
    session = suppressor()
    text = "# Made by record_nms.py; see there.\n"
    for count, classes, size, iou in [(60, 3, 320, 0.45), (80, 1, 160, 0.2), (60, 10, 640, 0.6)]:
        rows = np.concatenate([random.uniform(-0.05, 1.05, (count, 2)) * size, random.uniform(0.001, 0.4, (count, 2)) * size,
                               random.uniform(0, 1, (count, 1 + classes))], axis=1).round(3).astype(np.float32)
        text += f"case rows={count} columns={5 + classes} classes={classes} size={size} iou={iou} threshold=0.2\n"
        text += "values " + " ".join(f"{value:.7g}" for value in rows.ravel()) + "\n"
        for k, score, *box in expected(session, rows, size, 0.2, iou):
            text += f"box {k} " + " ".join(f"{value:.7g}" for value in box) + f" {score:.7g}\n"
        text += "end\n"
    (pathlib.Path(__file__).resolve().parent / "ort_yolov5.txt").write_text(text)


if __name__ == "__main__":
    main()
