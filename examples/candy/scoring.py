# SPDX-License-Identifier: Apache-2.0
"""Matching of detections with truth.

Detections are taken in the order given (best first). One that matches a candy that counts is right and uses it up;
one that matches only a candy that does not count (cut off or covered) is neither right nor wrong; any other is wrong.
"""
import numpy as np


def iou(boxes, others):
    """[n, 4] and [m, 4] of x, y, width, height -> [n, m]"""
    a, b = np.asarray(boxes, float).reshape(-1, 1, 4), np.asarray(others, float).reshape(1, -1, 4)
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    return shared / np.maximum(np.prod(a[..., 2:], 2) + np.prod(b[..., 2:], 2) - shared, 1e-9)


def match_boxes(boxes, truth, least=0.5):
    """For each detection: index of its candy, -1 wrong, -2 neither."""
    return _assign(iou(boxes, [t["box"] for t in truth]), truth, least)


def match_points(points, truth):
    """Centroids: right if inside a candy's box; of several boxes the one whose middle is nearest."""
    p, b = np.asarray(points, float).reshape(-1, 1, 2), np.asarray([t["box"] for t in truth], float).reshape(1, -1, 4)
    offset = np.abs(p - b[..., :2] - b[..., 2:] / 2) / np.maximum(b[..., 2:] / 2, 1e-9)
    return _assign(1 - offset.max(axis=2), truth, 0.0)


def _assign(closeness, truth, least):
    result, free = [], np.array([t["counted"] for t in truth], bool)
    for row in closeness:
        good = np.where(free & (row >= least), row, -1.0)
        if len(row) and good.max() >= 0:
            k = int(good.argmax())
            free[k] = False
            result.append(k)
        else:
            near = any(v >= least and not t["counted"] for v, t in zip(row, truth))
            result.append(-2 if near else -1)
    return result


def precision_recall(matches, truths):
    """(precision, recall, F1) over all pictures."""
    right = sum(m >= 0 for picture in matches for m in picture)
    wrong = sum(m == -1 for picture in matches for m in picture)
    wanted = sum(t["counted"] for truth in truths for t in truth)
    precision, recall = right / max(1, right + wrong), right / max(1, wanted)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def score_boxes(boxes, truths):
    return precision_recall([match_boxes(b, t) for b, t in zip(boxes, truths)], truths)
