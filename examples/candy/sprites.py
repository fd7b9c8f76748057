# SPDX-License-Identifier: Apache-2.0
"""Things that lie on the belt, drawn one at a time: candies (whole and broken) and what must not be taken for one.

A sprite is shaded from a height field and a light direction. Coordinates inside a sprite are in radii, origin at
its middle. Everything is drawn at twice the size and averaged down, so edges are as soft as a lens makes them.
"""
from dataclasses import dataclass, field

import cv2
import numpy as np

OVERSAMPLE = 2
GOOD, BROKEN = "good", "broken"

# Shell colours, RGB 0..1. Distractors draw from the same list, so that colour alone decides nothing.
SHELLS = np.array([
    (0.80, 0.10, 0.12), (0.93, 0.45, 0.08), (0.95, 0.80, 0.12), (0.20, 0.58, 0.20), (0.12, 0.34, 0.72),
    (0.36, 0.20, 0.13), (0.90, 0.42, 0.60), (0.55, 0.25, 0.62), (0.92, 0.90, 0.84), (0.30, 0.68, 0.72)], np.float32)
FILLINGS = np.array([(0.33, 0.19, 0.11), (0.87, 0.74, 0.54), (0.58, 0.38, 0.22)], np.float32)


@dataclass
class Sprite:
    """Pixels of one thing. `solid` is its outline without crumbs, `damage` what shows that it is broken."""
    rgb: np.ndarray
    alpha: np.ndarray
    height: float  # how far its shadow falls, pixels
    solid: np.ndarray = None
    damage: np.ndarray = None
    state: str = None  # None: not a candy
    shadow: np.ndarray = field(default=None, repr=False)


def smooth_noise(rng, shape, cell, octaves=1):
    """Noise around 0 with features of about `cell` pixels and finer ones on top."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        step = max(1.0, cell / 2**octave)
        size = (int(np.ceil(shape[0] / step)) + 2, int(np.ceil(shape[1] / step)) + 2)
        coarse = rng.standard_normal(size).astype(np.float32)
        total += cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    return total


def smoothstep(low, high, x):
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _plane(radius, margin, angle):
    n = 2 * int(np.ceil(radius * margin)) * OVERSAMPLE
    axis = ((np.arange(n, dtype=np.float32) + 0.5) - n / 2) / (radius * OVERSAMPLE)
    x, y = np.meshgrid(axis, axis)
    c, s = np.cos(angle), np.sin(angle)
    return c * x + s * y, c * y - s * x


def _finish(colour, alpha, height, solid=None, damage=None, state=None):
    def down(a):
        return cv2.resize(a.astype(np.float32), None, fx=1 / OVERSAMPLE, fy=1 / OVERSAMPLE, interpolation=cv2.INTER_AREA)
    small_alpha = down(alpha)
    rgb = down(colour * alpha[..., None]) / np.maximum(small_alpha, 1e-4)[..., None]
    pair = (None, None) if solid is None else (down(solid) > 0.5, down(damage) > 0.3)
    return Sprite(np.clip(rgb, 0, 1.4), small_alpha, height, *pair, state)


def _shade(z, colour, light, gloss, unit):
    """Lambert and Blinn over height field `z` (radii); `unit` is the distance between two samples in radii."""
    dy, dx = np.gradient(z, unit)
    norm = 1.0 / np.sqrt(dx * dx + dy * dy + 1.0)
    lx, ly, lz = light
    diffuse = np.clip((-dx * lx - dy * ly + lz) * norm, 0, 1)
    half = np.array((lx, ly, lz + 1.0)) / np.linalg.norm((lx, ly, lz + 1.0))
    mirror = np.clip((-dx * half[0] - dy * half[1] + half[2]) * norm, 0, 1)
    lit = colour * (0.38 + 0.72 * diffuse)[..., None]
    return lit + (gloss * mirror ** 38 + 0.25 * gloss * mirror ** 9)[..., None]


# --- candies -----------------------------------------------------------------------------------------------------

def candy(rng, radius, light, state):
    """A sugar shell over a filling, round or pillow-shaped, whole or with one kind of damage that can be seen."""
    u, v = _plane(radius, 1.42, rng.uniform(0, 2 * np.pi))
    pillow = rng.random() < 0.35
    ratio = rng.uniform(0.74, 0.86) if pillow else rng.uniform(0.92, 1.0)
    power = rng.uniform(2.8, 3.6) if pillow else 2.0
    d = (np.abs(u) ** power + np.abs(v / ratio) ** power) ** (1 / power)
    z = rng.uniform(0.45, 0.65) * np.sqrt(np.clip(1 - d ** 2.4, 0, None))
    colour = _shell_colour(rng, u, v, pillow)
    removed, face = _damage(rng, u, v, ratio, state)
    crumbs = np.zeros_like(u)
    if state == BROKEN:
        colour, z = _open_shell(rng, u, colour, z, removed, face)
        crumbs = _crumbs(rng, u.shape, radius, removed & (d < 1.25))
    rgb = _shade(z, colour, light, rng.uniform(0.35, 0.8), 1 / (radius * OVERSAMPLE))
    rgb *= (1 - 0.42 * smoothstep(0.72, 1.0, d) * (1 - face))[..., None]
    solid = (d < 1) & ~removed
    return _finish(rgb, np.maximum(solid, crumbs), radius * 0.42, solid, (face > 0.5) & solid, state)


def _shell_colour(rng, u, v, pillow):
    base = SHELLS[rng.integers(len(SHELLS))] * rng.uniform(0.85, 1.1)
    colour = np.broadcast_to(base, u.shape + (3,)).copy()
    if pillow and rng.random() < 0.6:
        other = SHELLS[rng.integers(len(SHELLS))]
        stripe = smoothstep(-0.15, 0.15, np.sin(u * rng.uniform(5, 9) + 0.5 * v))
        colour += stripe[..., None] * (other - base)
    mottle = 0.025 * smooth_noise(rng, u.shape, len(u) / 14, 2)
    return colour * (1 + mottle)[..., None]


def _damage(rng, u, v, ratio, state):
    """(what is gone, how much of the filling is seen 0..1)"""
    if state == GOOD:
        return np.zeros(u.shape, bool), np.zeros(u.shape, np.float32)
    kind = rng.choice(("half", "chip", "crack"), p=(0.35, 0.35, 0.30))
    return {"half": _half, "chip": _chip, "crack": _crack}[kind](rng, u, v, ratio)


def _half(rng, u, v, ratio):
    angle = rng.uniform(0, 2 * np.pi)
    rough = 0.05 * smooth_noise(rng, u.shape, len(u) / 16, 2)
    s = u * np.cos(angle) + v * np.sin(angle) / ratio - rng.uniform(-0.08, 0.22) + rough
    return s > 0, 1 - smoothstep(-0.02, 0.03, -s - rng.uniform(0.18, 0.3))


def _chip(rng, u, v, ratio):
    removed, face = np.zeros(u.shape, bool), np.zeros(u.shape, np.float32)
    first = rng.uniform(0, 2 * np.pi)
    for k in range(rng.integers(1, 4)):
        angle, size = first + k * rng.uniform(1.2, 2.4), rng.uniform(0.40, 0.62)
        rough = 0.06 * smooth_noise(rng, u.shape, len(u) / 18, 2)
        reach = rng.uniform(0.92, 1.05)
        s = np.hypot(u - reach * np.cos(angle), v - reach * ratio * np.sin(angle)) - size + rough
        removed |= s < 0
        face = np.maximum(face, 1 - smoothstep(-0.02, 0.03, s - rng.uniform(0.14, 0.24)))
    return removed, face


def _crack(rng, u, v, ratio):
    """Split lines across the shell: a gap into the dark, the filling along both sides."""
    removed, face = np.zeros(u.shape, bool), np.zeros(u.shape, np.float32)
    angle = rng.uniform(0, np.pi)
    for k in range(rng.integers(1, 4)):
        turn = angle + k * rng.uniform(0.7, 1.4)
        rough = 0.13 * smooth_noise(rng, u.shape, len(u) / 7, 3)
        s = np.abs(u * np.sin(turn) - v * np.cos(turn) - rng.uniform(-0.22, 0.22) + rough)
        gap = rng.uniform(0.03, 0.055)
        removed |= s < gap
        face = np.maximum(face, 1 - smoothstep(-0.02, 0.03, s - gap - rng.uniform(0.06, 0.11)))
    return removed, face


def _open_shell(rng, u, colour, z, removed, face):
    filling = FILLINGS[rng.integers(len(FILLINGS))] * rng.uniform(0.85, 1.1)
    crumbly = 1 + 0.16 * smooth_noise(rng, u.shape, 5 * OVERSAMPLE, 2)
    near_gap = cv2.GaussianBlur(removed.astype(np.float32), (0, 0), len(u) / 40)
    inside = filling * (crumbly * (1 - 0.5 * near_gap))[..., None]
    return colour + face[..., None] * (inside - colour), z * (1 - 0.55 * face)


def _crumbs(rng, shape, radius, where):
    canvas = np.zeros(shape, np.float32)
    rows, columns = np.nonzero(where)
    for _ in range(rng.integers(0, 7) if len(rows) else 0):
        k = rng.integers(len(rows))
        size = max(1, int(radius * OVERSAMPLE * rng.uniform(0.02, 0.06)))
        cv2.circle(canvas, (int(columns[k]), int(rows[k])), size, 1.0, -1, cv2.LINE_AA)
    return canvas


# --- distractors ---------------------------------------------------------------------------------------------------

def _any_colour(rng):
    return (SHELLS[rng.integers(len(SHELLS))] * rng.uniform(0.8, 1.1)).astype(np.float32)


def _flat(rng, radius, inside, colour, height):
    tilt = rng.uniform(-0.12, 0.12, 2)
    n = len(inside)
    ramp = np.linspace(-1, 1, n, dtype=np.float32)
    shade = 1 + tilt[0] * ramp[None, :] + tilt[1] * ramp[:, None]
    return _finish(colour * shade[..., None], inside, height)


def paper_scrap(rng, radius, light):
    u, v = _plane(radius, 1.3, rng.uniform(0, 2 * np.pi))
    n, corners = len(u), rng.integers(3, 8)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners)) if corners < 5 else np.arange(corners) * 2 * np.pi / corners
    reach = rng.uniform(0.6, 1.15, corners) * radius * OVERSAMPLE
    points = np.stack((n / 2 + reach * np.cos(angles), n / 2 + reach * np.sin(angles)), 1)
    inside = np.zeros(u.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(points).astype(np.int32)], 1)
    fold = 1 + 0.1 * np.sign(u * rng.uniform(-1, 1) + v + rng.uniform(-0.4, 0.4))
    colour = _any_colour(rng) * (0.95 * fold * (1 + 0.02 * smooth_noise(rng, u.shape, 4)))[..., None]
    return _flat(rng, radius, inside.astype(np.float32), colour, 2.5)


def sticker(rng, radius, light):
    """Printed label: flat, round or square, with a ring, bars, a target or a star."""
    u, v = _plane(radius, 1.2, rng.uniform(0, 2 * np.pi))
    r, box = np.hypot(u, v), np.maximum(np.abs(u), np.abs(v) * rng.uniform(1.0, 1.5))
    inside = (r < 1) if rng.random() < 0.65 else (box < 0.9)
    ink = {0: (r > 0.62) & (r < 0.8), 1: (np.sin(u * 16) > 0) & (np.abs(v) < 0.45) & (np.abs(u) < 0.7),
           2: np.sin(r * 14) > 0.2, 3: r < 0.45 + 0.25 * np.cos(5 * np.arctan2(v, u)),
           4: (np.abs(v) < 0.18) & (np.abs(u) < 0.75)}[int(rng.integers(5))]
    paper, print_ = _any_colour(rng), (_any_colour(rng) if rng.random() < 0.5 else np.float32((0.95, 0.95, 0.93)))
    colour = np.where(ink[..., None], print_, paper) * 0.92
    return _flat(rng, radius, inside.astype(np.float32), colour.astype(np.float32), 1.5)


def bolt(rng, radius, light):
    """Hexagon head or nut, bright, black or coloured metal."""
    u, v = _plane(radius, 1.3, rng.uniform(0, 2 * np.pi))
    r, a = np.hypot(u, v), np.arctan2(v, u)
    hexagon = r * np.cos((a + np.pi / 6) % (np.pi / 3) - np.pi / 6)
    z = 0.5 - 0.35 * smoothstep(0.72, 0.9, hexagon) - 0.12 * smoothstep(0.5, 0.55, r)
    metal = np.float32((0.62, 0.64, 0.68)) * rng.uniform(0.4, 1.25)
    base = metal if rng.random() < 0.55 else 0.5 * metal + 0.5 * _any_colour(rng)
    brushed = 1 + 0.05 * smooth_noise(rng, u.shape, 3)
    colour = base * (brushed * np.where(r < rng.uniform(0.3, 0.45), rng.choice((0.22, 0.75)), 1.0))[..., None]
    rgb = _shade(z, colour.astype(np.float32), light, 0.5, 1 / (radius * OVERSAMPLE))
    return _finish(rgb, (hexagon < 0.9).astype(np.float32), radius * 0.4)


def cap(rng, radius, light):
    """Screw cap seen from above: ribbed rim, flat top with an edge."""
    u, v = _plane(radius, 1.25, rng.uniform(0, 2 * np.pi))
    r, a = np.hypot(u, v), np.arctan2(v, u)
    rim = smoothstep(0.78, 0.84, r)
    z = 0.5 - 0.25 * smoothstep(0.8, 1.0, r) + 0.06 * smoothstep(0.55, 0.6, r) * (1 - rim)
    ribs = 1 - 0.35 * rim * (np.sin(a * rng.integers(18, 30)) > 0)
    colour = _any_colour(rng) * ribs[..., None]
    rgb = _shade(z, colour.astype(np.float32), light, 0.3, 1 / (radius * OVERSAMPLE))
    return _finish(rgb, (r < 1).astype(np.float32), radius * 0.45)


def foil(rng, radius, light):
    """Crumpled wrapper: facets that glitter."""
    u, v = _plane(radius, 1.4, rng.uniform(0, 2 * np.pi))
    r, a = np.hypot(u, v * rng.uniform(1.0, 1.8)), np.arctan2(v, u)
    edge = 0.85 + 0.14 * np.sin(3 * a + rng.uniform(0, 6)) + 0.1 * np.sin(7 * a + rng.uniform(0, 6))
    facets = np.abs(smooth_noise(rng, u.shape, len(u) / 9)) + 0.6 * np.abs(smooth_noise(rng, u.shape, len(u) / 16))
    colour = np.broadcast_to(_any_colour(rng), u.shape + (3,)).astype(np.float32)
    rgb = _shade(0.16 * facets, colour, light, 0.9, 1 / (radius * OVERSAMPLE))
    return _finish(rgb, (r < edge).astype(np.float32), radius * 0.25)


def offcut(rng, radius, light):
    """Rod or strip of coloured plastic."""
    u, v = _plane(radius, 1.3, rng.uniform(0, 2 * np.pi))
    width = rng.uniform(0.16, 0.4)
    bent = v + rng.uniform(-0.3, 0.3) * u * u
    z = 0.4 * np.sqrt(np.clip(width**2 - bent**2, 0, None))
    colour = np.broadcast_to(_any_colour(rng), u.shape + (3,)).astype(np.float32)
    rgb = _shade(z, colour, light, 0.35, 1 / (radius * OVERSAMPLE))
    return _finish(rgb, ((np.abs(bent) < width) & (np.abs(u) < 1.1)).astype(np.float32), radius * 0.3)


DISTRACTORS = (paper_scrap, sticker, bolt, cap, foil, offcut)
DISTRACTOR_SHARE = (0.26, 0.24, 0.16, 0.10, 0.14, 0.10)
