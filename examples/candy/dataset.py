# SPDX-License-Identifier: Apache-2.0
"""Training data: random scenes, seen as the networks will see them, kept in one .npz outside the repository.

Frames reach a network through H.264 and a scaler that is not known beforehand, so every picture goes through JPEG
of random strength and a random choice of nearest, bilinear or area scaling.
"""
import os
from multiprocessing import Pool

import cv2
import numpy as np

import scenes
from sprites import BROKEN

DETECTOR_SIDE, FOMO_SIDE, CROP_SIDE, GRAY_SIDE = 320, 160, 96, 160
TRAIN, VALIDATION = 1, 2  # first half of a scene's seed; the clip uses another
SCALERS = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_AREA)
CROPS_PER_CANDY = 2


def to_gray(rgb):
    """Rec. 601 luma of full-range bytes, as bytes."""
    return np.clip(np.round(rgb.astype(np.float32) @ np.float32((0.299, 0.587, 0.114))), 0, 255).astype(np.uint8)


def crop(picture, box, side, scaler=cv2.INTER_LINEAR):
    """The box, corners rounded to even pixels, stretched to a square."""
    x, y, w, h = box
    x0, y0 = max(0, int(x) // 2 * 2), max(0, int(y) // 2 * 2)
    x1 = min(picture.shape[1], max(x0 + 2, int(round((x + w) / 2)) * 2))
    y1 = min(picture.shape[0], max(y0 + 2, int(round((y + h) / 2)) * 2))
    return cv2.resize(picture[y0:y1, x0:x1], (side, side), interpolation=scaler)


def _jitter(rng, box):
    """A box as a detector might have found it."""
    x, y, w, h = box
    left, top, right, bottom = rng.normal(0.015, 0.045, 4).clip(-0.1, 0.15)
    return x - left * w, y - top * h, w * (1 + left + right), h * (1 + top + bottom)


def _compress(rng, picture):
    if rng.random() < 0.15:
        return picture
    ok, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))))
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def _one(seed):
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    picture, truth = scenes.Scene(rng).render(rng)
    picture = _compress(rng, picture)
    small = [cv2.resize(picture, (side, side), interpolation=SCALERS[rng.integers(3)]) for side in (DETECTOR_SIDE, FOMO_SIDE)]
    boxes = np.array([(*t["box"], t["counted"]) for t in truth], np.float32).reshape(-1, 5)
    crops, grays, states = [], [], []
    for t in (t for t in truth if t["counted"]):
        for _ in range(CROPS_PER_CANDY):
            box, scaler = _jitter(rng, t["box"]), SCALERS[rng.integers(3)]
            crops.append(crop(picture, box, CROP_SIDE, scaler))
            grays.append(to_gray(crop(picture, box, GRAY_SIDE, scaler)))
            states.append(0 if t["state"] == BROKEN else 1)
    return small, boxes, crops, grays, states


def make(path, split, count):
    """Renders `count` scenes on all cores into `path` unless it is there already."""
    if path.exists():
        return
    with Pool(min(2, os.cpu_count())) as pool:
        rows = pool.map(_one, [(split, k) for k in range(count)], chunksize=16)
    small, boxes, crops, grays, states = zip(*rows)
    owner = np.repeat(np.arange(count), [len(b) for b in boxes])
    partial = path.with_suffix(".part.npz")
    np.savez(partial, detector=np.stack([s[0] for s in small]), fomo=np.stack([s[1] for s in small]),
             boxes=np.concatenate(boxes), owner=owner, crops=np.stack([c for g in crops for c in g]),
             grays=np.stack([c for g in grays for c in g]), states=np.array([s for g in states for s in g], np.int64))
    partial.rename(path)


def boxes_of(data):
    """One array [n, 5] (x, y, width, height in 1280x720, counted) a scene."""
    cuts = np.searchsorted(data["owner"], np.arange(1, len(data["fomo"])))
    return np.split(data["boxes"], cuts)
