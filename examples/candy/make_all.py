#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes everything in this folder that is not a script, from nothing: clip, truth, networks, exports, figures.

Needs the packages of requirements.txt, GStreamer with x264enc, 10 GB of memory and 4 GB of disk in the work folder.
Stages whose results are in the work folder already are left out, so an interrupted run goes on where it stopped.
"""
import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENES = 3000
DETECTOR_EPOCHS, FOMO_EPOCHS, RGB_EPOCHS, GRAY_EPOCHS = 12, 20, 3, 1
STARTED = time.monotonic()


def say(text):
    print(f"{time.monotonic() - STARTED:6.0f} s  {text}", flush=True)


def load(work, *names):
    import numpy as np
    with np.load(work / "train.npz") as data:
        return {name: data[name] for name in names}


def make_clip(work):
    import clip
    clip.make(HERE / "clip.mp4", HERE / "clip_truth.json")
    clip.make_sheet(HERE / "clip.mp4", HERE / "clip_truth.json", HERE / "contact.jpg")


def make_data(work):
    import dataset
    dataset.make(work / "train.npz", dataset.TRAIN, SCENES)


def make_detector(work):
    import torch

    import detector
    torch.set_num_threads(2)
    detector.export(detector.train(load(work, "detector", "boxes", "owner", "fomo"), DETECTOR_EPOCHS, report=say), work / "detector.onnx")


def make_fomo(work):
    import keras_models
    keras_models.export(keras_models.train_fomo(load(work, "fomo", "boxes", "owner"), FOMO_EPOCHS, report=say), work / "fomo.tflite")


def make_classifiers(work):
    import keras_models as k
    data = load(work, "crops", "grays", "states")
    rgb = k.train_classifier(k.classifier(96, 3), data["crops"], data["states"], RGB_EPOCHS, "classifier", report=say)
    k.export(rgb, work / "classifier.tflite")
    gray = k.train_classifier(k.gray_from_rgb(rgb), data["grays"], data["states"], GRAY_EPOCHS, "grayscale", 1.5e-3, say)
    k.export(gray, work / "gray.tflite")


def make_exports(work):
    import pack
    pack.pack(work, HERE)


def make_figures(work):
    subprocess.run([sys.executable, HERE / "measure.py", "--write"], check=True)


# Result in the work folder that makes a stage superfluous; None: it always runs.
STAGES = (("clip", make_clip, None), ("scenes", make_data, "train.npz"), ("detector A", make_detector, "detector.onnx"),
          ("FOMO", make_fomo, "fomo.tflite"), ("classifiers", make_classifiers, "gray.tflite"),
          ("exports", make_exports, None), ("figures", make_figures, None))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "edgestream-candy")
    parser.add_argument("--only", choices=[name for name, *_ in STAGES], nargs="*", help="these stages, not all")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name, make, result in STAGES:
        if given.only and name not in given.only or result and (given.work / result).exists():
            continue
        say(name)
        # A process of its own: the frameworks' thread pools do not get on with each other.
        child = multiprocessing.get_context("fork").Process(target=make, args=(given.work,))
        child.start()
        child.join()
        if child.exitcode != 0:
            raise SystemExit(f"make_all.py: stage {name}: ended with exit code {child.exitcode}; its message is above")
    say("done")


if __name__ == "__main__":
    main()
