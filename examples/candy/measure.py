# SPDX-License-Identifier: Apache-2.0
"""Measures the committed exports on the committed clip and prints the figures (`--write`: into figures.json).

The clip is decoded as anybody would decode it, the networks run in ONNX Runtime and LiteRT, pre- and post-processing
are written out below in numpy, so nothing of the product takes part.
"""
import argparse
import json
import platform
import zipfile
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

import baseline
import dataset
import pack
import scenes
import scoring

HERE = Path(__file__).resolve().parent
DETECTOR_THRESHOLD, NMS_IOU, FOMO_THRESHOLD = 0.5, 0.45, pack.FOMO.threshold
NEEDED = {"baseline F1": ("<=", 0.60), "detector A precision": (">=", 0.95), "detector A recall": (">=", 0.95),
          "FOMO centroid F1": (">=", 0.90), "classifier accuracy, RGB": (">=", 0.97),
          "classifier accuracy, grayscale": (">=", 0.97), "found and labelled": (">=", 0.93)}


def read_clip(path):
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        more, frame = capture.read()
        if not more:
            return frames
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))


# --- the networks ------------------------------------------------------------------------------------------------------

class Lite:
    def __init__(self, content):
        self.net = Interpreter(model_content=content, num_threads=2)
        self.net.allocate_tensors()
        self.input, self.output = self.net.get_input_details()[0], self.net.get_output_details()[0]

    def __call__(self, picture):
        x = picture.astype(np.float32) / 255
        self.net.set_tensor(self.input["index"], x.reshape(self.input["shape"]))
        self.net.invoke()
        return self.net.get_tensor(self.output["index"])[0]


class DetectorA:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.net = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, picture):
        """Boxes x, y, width, height in the frame, best first; score = objectness * class."""
        x = cv2.resize(picture, (dataset.DETECTOR_SIDE,) * 2, interpolation=cv2.INTER_LINEAR)
        rows = self.net.run(None, {"images": x.transpose(2, 0, 1)[None].astype(np.float32) / 255})[0][0]
        scores = rows[:, 4] * rows[:, 5]
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= DETECTOR_THRESHOLD]
        scale = np.array((scenes.WIDTH, scenes.HEIGHT)) / dataset.DETECTOR_SIDE
        low = np.clip((rows[order, :2] - rows[order, 2:4] / 2) * scale, 0, None)
        high = np.minimum((rows[order, :2] + rows[order, 2:4] / 2) * scale, (scenes.WIDTH, scenes.HEIGHT))
        return suppress(np.concatenate((low, high - low), 1))


def suppress(boxes):
    kept = []
    for box in boxes:
        if not kept or scoring.iou([box], kept).max() <= NMS_IOU:
            kept.append(box)
    return np.array(kept).reshape(-1, 4)


def fomo_points(probabilities):
    """Middles of the boxes that the SDK's rule makes of the cells, in the frame, in order of creation."""
    boxes = []
    for y, x in zip(*np.nonzero(probabilities[..., 1] >= FOMO_THRESHOLD)):
        box = next((b for b in boxes if touches(b, (x, y, 1, 1))), None)
        if box is None:
            boxes.append([x, y, 1, 1])
        else:
            join(box, (x, y, 1, 1))
    accepted, reported = [], []
    for box in boxes:
        other = next((b for b in accepted if touches(b, box)), None)
        if other is None:
            accepted.append(list(box))
            reported.append(tuple(box))
        else:
            join(other, box)
    cell = np.array((scenes.WIDTH, scenes.HEIGHT)) / probabilities.shape[1]
    return [((x + w / 2) * cell[0], (y + h / 2) * cell[1]) for x, y, w, h in reported]


def touches(a, b):
    return a[0] <= b[0] + b[2] and b[0] <= a[0] + a[2] and a[1] <= b[1] + b[3] and b[1] <= a[1] + a[3]


def join(box, other):
    """As the SDK does it: where the origin moves, the size is taken after the move and so does not grow."""
    for axis in (0, 1):
        box[axis] = min(box[axis], other[axis])
        box[axis + 2] = max(box[axis + 2], other[axis] + other[axis + 2] - box[axis])


def state_of(classify, picture, gray=False):
    return pack.CLASSIFIER.labels[int(classify(dataset.to_gray(picture) if gray else picture).argmax())]


# --- figures -------------------------------------------------------------------------------------------------------------

def measure_baseline(frames, truths):
    pictures, answers = [], []
    for k in range(40):
        rng = np.random.default_rng((dataset.VALIDATION, 5000 + k))
        picture, truth = scenes.Scene(rng).render(rng)
        pictures.append(picture)
        answers.append(truth)
    _, settings = baseline.search(pictures, answers, scoring.score_boxes)
    f1 = scoring.score_boxes([baseline.detect(f, settings) for f in frames], truths)[2]
    best, _ = baseline.search(frames[::15], truths[::15], scoring.score_boxes)
    return {"baseline F1": f1, "baseline F1, settings searched on the clip itself": best, "baseline settings": settings}


def measure_detectors(frames, truths, exports):
    detect, fomo, classify = exports["detector"], exports["fomo"], exports["rgb"]
    matches, points, labelled = [], [], 0
    for frame, truth in zip(frames, truths):
        boxes = detect(frame)
        matches.append(scoring.match_boxes(boxes, truth))
        for box, k in zip(boxes, matches[-1]):
            labelled += k >= 0 and state_of(classify, dataset.crop(frame, box, dataset.CROP_SIDE)) == truth[k]["state"]
        small = cv2.resize(frame, (dataset.FOMO_SIDE,) * 2, interpolation=cv2.INTER_LINEAR)
        points.append(scoring.match_points(fomo_points(fomo(small)), truth))
    precision, recall, _ = scoring.precision_recall(matches, truths)
    return {"detector A precision": precision, "detector A recall": recall,
            "FOMO centroid F1": scoring.precision_recall(points, truths)[2],
            "found and labelled": labelled / sum(t["counted"] for truth in truths for t in truth)}


def measure_classifiers(frames, truths, exports):
    right, total = {"rgb": 0, "gray": 0}, 0
    for frame, truth in zip(frames, truths):
        for t in (t for t in truth if t["counted"]):
            total += 1
            right["rgb"] += state_of(exports["rgb"], dataset.crop(frame, t["box"], dataset.CROP_SIDE)) == t["state"]
            right["gray"] += state_of(exports["gray"], dataset.crop(frame, t["box"], dataset.GRAY_SIDE), True) == t["state"]
    return {"classifier accuracy, RGB": right["rgb"] / total, "classifier accuracy, grayscale": right["gray"] / total,
            "candies that count, over all frames": total}


def load_exports():
    with zipfile.ZipFile(HERE / pack.CPP_ZIP) as archive:
        rgb = archive.read(f"tflite-model/{pack.CLASSIFIER.model}.tflite")
    return {"detector": DetectorA(HERE / pack.DETECTOR_ONNX), "fomo": Lite((HERE / pack.FOMO_LITE).read_bytes()),
            "rgb": Lite(rgb), "gray": Lite((HERE / pack.GRAY_LITE).read_bytes())}


def measure():
    frames, exports = read_clip(HERE / "clip.mp4"), load_exports()
    truths = json.loads((HERE / "clip_truth.json").read_text())["frames"]
    if len(frames) != len(truths):
        raise SystemExit(f"clip.mp4 has {len(frames)} frames, clip_truth.json {len(truths)}; make both again")
    figures = {"frames": len(frames)}
    for part in (measure_classifiers(frames, truths, exports), measure_detectors(frames, truths, exports),
                 measure_baseline(frames, truths)):
        figures.update(part)
    figures["thresholds"] = {"detector A": DETECTOR_THRESHOLD, "NMS IoU": NMS_IOU, "FOMO": FOMO_THRESHOLD}
    names = ("numpy", "opencv-python-headless", "onnxruntime", "ai-edge-litert")
    figures["versions"] = {"python": platform.python_version(), **{name: version(name) for name in names}}
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep the figures in figures.json")
    write, figures = parser.parse_args().write, measure()
    for name, value in figures.items():
        print(f"{name:52} {value}")
    failed = [f"{name}: {figures[name]}, {sign} {limit} is needed" for name, (sign, limit) in NEEDED.items()
              if (figures[name] < limit if sign == ">=" else figures[name] > limit)]
    if write:
        (HERE / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    raise SystemExit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
