# SPDX-License-Identifier: Apache-2.0
"""Scenes: a belt, things on it, the light of the hall, the camera. One renderer serves stills and the clip.

Truth is taken from the drawing itself: every candy's box is the box of its own outline, cut at the picture's edge,
and the share of it that is seen is counted after everything that covers it has been drawn.
"""
from dataclasses import dataclass

import cv2
import numpy as np

import sprites
from sprites import BROKEN, GOOD, smooth_noise

WIDTH, HEIGHT = 1280, 720
# A candy counts if this share of its outline is in the picture and uncovered, and (broken ones) of its damage.
COUNTED_SEEN, COUNTED_DAMAGE = 0.70, 0.50

BELTS = np.array([
    (0.17, 0.18, 0.19), (0.36, 0.37, 0.38), (0.62, 0.62, 0.60), (0.10, 0.30, 0.24), (0.12, 0.24, 0.42),
    (0.40, 0.27, 0.18), (0.70, 0.60, 0.44), (0.42, 0.13, 0.12), (0.22, 0.45, 0.48), (0.80, 0.80, 0.78)], np.float32)


@dataclass
class Item:
    sprite: sprites.Sprite
    x: float  # middle, pixels, at time 0
    y: float


@dataclass
class Style:
    """What can be chosen about a scene; anything left at None is drawn by lot."""
    belt: int = None
    pattern: str = None
    candies: int = None
    distractors: int = None
    radius: tuple = None
    length: int = WIDTH  # how much belt is filled
    lone: float = 0.6  # share of candies kept clear of each other
    noise: float = None
    blur: float = None
    motion: float = None


# --- belt --------------------------------------------------------------------------------------------------------

def _weave(rng, x, y):
    k = 2 * np.pi / rng.uniform(7, 16)
    return 0.09 * np.sin(x * k) * np.sin(y * k)


def _ribs(rng, x, y):
    period = rng.uniform(26, 80)
    phase = (x / period) % 1.0
    return 0.16 * (phase < 0.12) - 0.18 * ((phase >= 0.12) & (phase < 0.2))


def _diamonds(rng, x, y):
    period = rng.uniform(30, 64)
    a, b = (x + y * 0.6) / period % 1.0, (x - y * 0.6) / period % 1.0
    return 0.14 * ((a < 0.09) | (b < 0.09)) - 0.05


def _studs(rng, x, y):
    period = rng.uniform(34, 60)
    a, b = (x / period % 1.0) - 0.5, (y / period % 1.0) - 0.5
    r = np.hypot(a, b)
    return 0.2 * (r < 0.2) * (0.6 - a - b)


def _plain(rng, x, y):
    return np.zeros_like(x)


PATTERNS = {"weave": _weave, "ribs": _ribs, "diamonds": _diamonds, "studs": _studs, "plain": _plain}


def make_belt(rng, width, style):
    base = BELTS[rng.integers(len(BELTS)) if style.belt is None else style.belt] * rng.uniform(0.85, 1.15)
    name = style.pattern or rng.choice(list(PATTERNS))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    tone = 1 + rng.uniform(0.7, 1.6) * PATTERNS[name](rng, x, y).astype(np.float32)
    tone += rng.uniform(0.01, 0.05) * smooth_noise(rng, tone.shape, 3)
    tone += rng.uniform(0.02, 0.09) * smooth_noise(rng, tone.shape, 110, 3)
    belt = base * tone[..., None]
    _print_marks(rng, belt, rng.integers(0, 3) * width // WIDTH)
    _scratches(rng, belt, rng.integers(2, 14) * width // WIDTH)
    return belt


def _print_marks(rng, belt, count):
    """Worn coloured marks: bands, chevrons, squares."""
    height, width = belt.shape[:2]
    for _ in range(count):
        mask = np.zeros((height, width), np.uint8)
        x, y, s = rng.integers(width), rng.integers(100, height - 100), int(rng.integers(30, 90))
        shapes = ([(x, 0), (x + s, 0), (x + s, height), (x, height)],
                  [(x, y - s), (x + s, y), (x, y + s), (x - s // 3, y + s), (x + s // 2, y), (x - s // 3, y - s)],
                  [(x, y), (x + s, y), (x + s, y + s), (x, y + s)])
        cv2.fillPoly(mask, [np.array(shapes[rng.integers(3)], np.int32)], 1)
        wear = np.clip(0.55 + 0.3 * smooth_noise(rng, mask.shape, 14, 2), 0, 0.9) * mask
        belt += wear[..., None] * (sprites._any_colour(rng) * 0.85 - belt)


def _scratches(rng, belt, count):
    height, width = belt.shape[:2]
    layer = np.zeros((height, width), np.float32)
    for _ in range(count):
        x, y = rng.integers(width), rng.integers(height)
        dx, dy = rng.integers(-160, 160), rng.integers(-50, 50)
        cv2.line(layer, (int(x), int(y)), (int(x + dx), int(y + dy)), float(rng.uniform(-0.25, 0.25)), 1, cv2.LINE_AA)
    belt *= (1 + layer)[..., None]


def make_rails(rng):
    """(rgb, alpha) of the metal edges above and below the belt, or nothing."""
    top, bottom = int(rng.integers(34, 74)), int(rng.integers(34, 74))
    alpha, tone = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    for start, size in ((0, top), (HEIGHT - bottom, bottom)):
        profile = 0.5 + 0.28 * np.sin(np.linspace(0.3, 2.6, size)) + 0.2 * (np.abs(np.linspace(-1, 1, size) - 0.3) < 0.06)
        tone[start:start + size] = profile[:, None]
        alpha[start:start + size] = 1
    tone *= 1 + 0.03 * smooth_noise(rng, (1, WIDTH), 2) + 0.03 * smooth_noise(rng, (HEIGHT, 1), 2)
    step, offset = int(rng.integers(120, 260)), int(rng.integers(100))
    for x in range(offset, WIDTH, step):
        for y in (top // 2, HEIGHT - bottom // 2):
            cv2.circle(tone, (x, y), 9, 0.35, -1, cv2.LINE_AA)
            cv2.circle(tone, (x - 1, y - 1), 7, 0.8, -1, cv2.LINE_AA)
    tint = np.float32((0.80, 0.82, 0.86)) * rng.uniform(0.6, 1.0)
    return tone[..., None] * tint, alpha, (top, bottom)


# --- light and camera ----------------------------------------------------------------------------------------------

def make_light(rng):
    """A field (twice as wide as the picture, so that a shadow can wander) that multiplies the scene."""
    h, w = HEIGHT // 8, WIDTH // 4
    y, x = np.mgrid[-1:1:h * 1j, -2:2:w * 1j].astype(np.float32)
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.3)
    field = 1 + slope * (np.cos(angle) * x * 0.6 + np.sin(angle) * y)
    for _ in range(rng.integers(0, 3)):
        cx, cy, size = rng.uniform(-1.2, 1.2), rng.uniform(-1, 1), rng.uniform(0.3, 0.8)
        field += rng.uniform(0.1, 0.45) * np.exp(-((x - cx)**2 + (y - cy)**2) / size**2)
    for _ in range(rng.integers(0, 4)):
        mask = np.zeros((h, w), np.float32)
        cx, lean, size = rng.integers(w), rng.integers(-60, 60), rng.integers(8, 46)
        cv2.fillPoly(mask, [np.array([(cx, 0), (cx + size, 0), (cx + size + lean, h), (cx + lean, h)], np.int32)], 1.0)
        field *= 1 - rng.uniform(0.2, 0.55) * cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 5))
    return np.clip(field, 0.25, 1.7) * rng.uniform(0.75, 1.15)


def light_direction(rng):
    angle, tilt = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.8)
    return np.array((np.cos(angle) * np.sin(tilt), np.sin(angle) * np.sin(tilt), np.cos(tilt)))


def motion_kernel(length):
    n = max(1, int(np.ceil(length)) | 1)
    kernel = np.zeros((1, n), np.float32)
    kernel[0, :] = np.clip(length / 2 + 0.5 - np.abs(np.arange(n) - n // 2), 0, 1)
    return kernel / kernel.sum()


# --- the scene -----------------------------------------------------------------------------------------------------

class Scene:
    def __init__(self, rng, style=Style()):
        self.direction = light_direction(rng)
        self.width = max(style.length, WIDTH) + (2 if style.length > WIDTH else 0)
        self.belt = make_belt(rng, self.width, style)
        self.rails, self.rail_alpha, edges = make_rails(rng)
        if style.length == WIDTH and rng.random() < 0.25:
            self.rail_alpha, edges = None, (0, 0)
        self.light = make_light(rng)
        self.tint = np.float32(rng.uniform(0.88, 1.1, 3))
        self.haze = rng.uniform(0.0, 0.06)
        self.noise = rng.uniform(0.5, 5.0) if style.noise is None else style.noise
        self.blur = rng.uniform(0.3, 1.3) if style.blur is None else style.blur
        self.motion = (rng.uniform(0, 9) if rng.random() < 0.6 else 0) if style.motion is None else style.motion
        self.items = _fill(rng, style, self.direction, edges)

    def render(self, rng, shift=0.0, shadow_shift=0):
        """(RGB uint8, truth) with the belt moved `shift` pixels to the right."""
        canvas = self._belt_at(shift)
        owner = np.full((HEIGHT, WIDTH), -1, np.int16)
        damage = np.zeros((HEIGHT, WIDTH), bool)
        for k, item in enumerate(self.items):
            _place(canvas, owner, damage, k, item, item.x + shift, self.direction)
        truth = [t for t in (_truth(k, item, item.x + shift, owner, damage) for k, item in enumerate(self.items)) if t]
        self._rails_over(canvas)
        return self._photograph(rng, canvas, shadow_shift), truth

    def _belt_at(self, shift):
        whole = int(np.floor(shift))
        first = self.width - WIDTH - whole - 1
        columns, part = np.arange(first, first + WIDTH + 1) % self.width, np.float32(shift - whole)
        view = self.belt[:, columns]
        return view[:, 1:] * (1 - part) + view[:, :-1] * part

    def _rails_over(self, canvas):
        if self.rail_alpha is None:
            return
        shade = cv2.GaussianBlur(cv2.warpAffine(self.rail_alpha, np.float32([[1, 0, 0], [0, 1, 5]]), (WIDTH, HEIGHT)), (0, 0), 5)
        canvas *= (1 - 0.45 * shade)[..., None]
        canvas += self.rail_alpha[..., None] * (self.rails - canvas)

    def _photograph(self, rng, canvas, shadow_shift):
        start = self.light.shape[1] // 4 + int(shadow_shift)
        light = np.roll(self.light, -start, axis=1)[:, :WIDTH // 8]
        canvas *= cv2.resize(light, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)[..., None] * self.tint
        canvas = cv2.GaussianBlur(canvas, (0, 0), self.blur)
        if self.motion > 1:
            canvas = cv2.filter2D(canvas, -1, motion_kernel(self.motion))
        canvas = canvas * ((1 - self.haze) * 255) + self.haze * 255
        # Over 230 the curve bends, as a sensor's does, so that highlights keep a little colour.
        canvas = np.where(canvas > 230, 230 + (canvas - 230) * 0.35, canvas)
        grain = np.empty(canvas.shape, np.float32)
        cv2.setRNGSeed(int(rng.integers(2**31 - 1)))
        cv2.randn(grain, 0, self.noise)
        return np.clip(canvas + grain, 0, 255).astype(np.uint8)


def _fill(rng, style, direction, edges):
    radius = style.radius or tuple(np.array((40, 56)) * (rng.uniform(0.7, 1.0) if rng.random() < 0.3 else rng.uniform(1.0, 1.7)
                                   if rng.random() < 0.25 else 1.0))
    share = style.length / WIDTH
    candies = int((rng.integers(3, 12) if style.candies is None else style.candies) * share)
    others = int((rng.integers(4, 15) if style.distractors is None else style.distractors) * share)
    kinds = [True] * candies + [False] * others
    rng.shuffle(kinds)
    items, top, bottom = [], edges[0] + 0.8 * radius[1], HEIGHT - edges[1] - 0.8 * radius[1]
    for is_candy in kinds:
        spot = _free_spot(rng, items, is_candy, style, (top, bottom), radius)
        if spot is None:
            continue
        size = rng.uniform(*radius) if is_candy else rng.uniform(0.6 * radius[0], 1.15 * radius[1])
        items.append(Item(_draw(rng, is_candy, size, direction), *spot))
    return items


def _draw(rng, is_candy, size, direction):
    if is_candy:
        made = sprites.candy(rng, size, direction, GOOD if rng.random() < 0.5 else BROKEN)
    else:
        made = rng.choice(sprites.DISTRACTORS, p=sprites.DISTRACTOR_SHARE)(rng, size, direction)
    pad = int(np.ceil(made.height * 2)) + 4
    made.shadow = cv2.GaussianBlur(np.pad(made.alpha, pad), (0, 0), 0.6 + made.height * 0.35)
    return made


def _free_spot(rng, items, is_candy, style, rows, radius):
    """A place that overlaps nothing by much; `lone` of the candies also keep a clear distance to other candies."""
    alone, mean = rng.random() < style.lone, (radius[0] + radius[1]) / 2
    start = WIDTH - style.length
    for _ in range(40):
        x, y = rng.uniform(start - 20, WIDTH + 20), rng.uniform(*rows)
        if all(_clear(item, x, y, is_candy, alone, mean) for item in items):
            return x, y
    return None


def _clear(item, x, y, is_candy, alone, mean):
    dx, dy = abs(item.x - x), abs(item.y - y)
    if is_candy and item.sprite.state is not None and alone:
        return dx > 2.85 * mean or dy > 2.1 * mean
    return np.hypot(dx, dy) > 1.72 * mean


def _place(canvas, owner, damage, k, item, x, direction):
    made = item.sprite
    drop = made.height * 0.8
    _darken(canvas, made.shadow, x - direction[0] * drop, item.y - direction[1] * drop)
    window = _window(made.alpha.shape, x, item.y)
    if window is None:
        return
    rows, columns, move, size = window
    alpha = cv2.warpAffine(made.alpha, move, size)
    rgb = cv2.warpAffine(made.rgb, move, size, borderMode=cv2.BORDER_REPLICATE)
    canvas[rows, columns] += alpha[..., None] * (rgb - canvas[rows, columns])
    mine = alpha > 0.5
    if made.state is not None:
        mine = cv2.warpAffine(made.solid.astype(np.float32), move, size) > 0.5
        hurt = cv2.warpAffine(made.damage.astype(np.float32), move, size) > 0.5
        damage[rows, columns] = np.where(mine, hurt, damage[rows, columns])
    owner[rows, columns][mine] = k


def _darken(canvas, shadow, x, y):
    window = _window(shadow.shape, x, y)
    if window is None:
        return
    rows, columns, move, size = window
    canvas[rows, columns] *= (1 - 0.55 * cv2.warpAffine(shadow, move, size))[..., None]


def _window(shape, x, y):
    """Part of the picture that a sprite of `shape` with its middle at (x, y) touches, and the move into it."""
    left, top = x - shape[1] / 2, y - shape[0] / 2
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    x1, y1 = min(WIDTH, int(np.ceil(left)) + shape[1]), min(HEIGHT, int(np.ceil(top)) + shape[0])
    if x1 <= x0 or y1 <= y0:
        return None
    move = np.float32([[1, 0, left - x0], [0, 1, top - y0]])
    return slice(y0, y1), slice(x0, x1), move, (x1 - x0, y1 - y0)


def _truth(k, item, x, owner, damage):
    made = item.sprite
    if made.state is None:
        return None
    seen = owner == k
    rows, columns = np.nonzero(made.solid)
    left, top = x - made.solid.shape[1] / 2, item.y - made.solid.shape[0] / 2
    x0, y0 = max(0.0, left + columns.min()), max(0.0, top + rows.min())
    x1, y1 = min(float(WIDTH), left + columns.max() + 1), min(float(HEIGHT), top + rows.max() + 1)
    if x1 - x0 < 2 or y1 - y0 < 2 or not seen.any():
        return None
    share = seen.sum() / made.solid.sum()
    hurt = 1.0 if made.state == GOOD else (seen & damage).sum() / max(1, made.damage.sum())
    return {"id": k, "box": [round(float(v), 1) for v in (x0, y0, x1 - x0, y1 - y0)], "state": made.state,
            "counted": bool(share >= COUNTED_SEEN and hurt >= COUNTED_DAMAGE)}
