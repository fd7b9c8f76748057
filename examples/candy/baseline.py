# SPDX-License-Identifier: Apache-2.0
"""What can be had without a network: a colour threshold and contours, with its settings searched for.

Candies differ from the belt in colour; a belt's colour is the median of the picture in Lab. Pixels far from it are
cleaned up, contours of a candy's size and roundness are boxes. The search looks for the settings with the best F1
on scenes it may see, and once more on the clip itself: the second figure is the best this method could claim.
"""
import itertools

import cv2
import numpy as np

GRID = {"distance": (18, 26, 36, 50), "saturation": (0, 60, 110), "close": (3, 9, 15),
        "area": ((2500, 14000), (3500, 11000)), "roundness": (0.0, 0.55, 0.70, 0.80), "solidity": (0.0, 0.9)}


def settings():
    return [dict(zip(GRID, values)) for values in itertools.product(*GRID.values())]


def masks(picture, distance, saturation, close):
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    belt = np.median(lab[80:-80:4, ::4].reshape(-1, 3), axis=0)
    far = np.linalg.norm((lab - belt) * np.float32((0.5, 1, 1)), axis=2) > distance
    strong = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[..., 1] >= saturation
    mask = (far & strong).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (close, close)))


def shapes(mask):
    """Rows of x, y, width, height, area, roundness, solidity."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    rows = []
    for contour in contours:
        area = cv2.contourArea(contour)
        if area < 1000:
            continue
        hull, length = cv2.convexHull(contour), cv2.arcLength(contour, True)
        rows.append((*cv2.boundingRect(contour), area, 4 * np.pi * area / length**2, area / cv2.contourArea(hull)))
    return np.array(rows, np.float32).reshape(-1, 7)


def choose(rows, area, roundness, solidity):
    keep = (rows[:, 4] >= area[0]) & (rows[:, 4] <= area[1]) & (rows[:, 5] >= roundness) & (rows[:, 6] >= solidity)
    return rows[keep, :4]


def search(pictures, truths, score):
    """The best settings and their F1; `score(list of boxes, truths)` gives precision, recall and F1."""
    best = (-1.0, None)
    for distance, saturation, close in itertools.product(*(GRID[k] for k in ("distance", "saturation", "close"))):
        found = [shapes(masks(p, distance, saturation, close)) for p in pictures]
        for area, roundness, solidity in itertools.product(*(GRID[k] for k in ("area", "roundness", "solidity"))):
            f1 = score([choose(rows, area, roundness, solidity) for rows in found], truths)[2]
            if f1 > best[0]:
                best = (f1, dict(distance=distance, saturation=saturation, close=close, area=area,
                                 roundness=roundness, solidity=solidity))
    return best


def detect(picture, s):
    return choose(shapes(masks(picture, s["distance"], s["saturation"], s["close"])), s["area"], s["roundness"], s["solidity"])
