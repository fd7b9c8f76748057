# SPDX-License-Identifier: Apache-2.0
"""Detector A: a small convolutional detector of our own design, trained from random weights.

Only the layout of its output is that of the YOLOv5 block: input `images` [1, 3, 320, 320] RGB 0..1, output `output0`
[1, 6300, 6], rows of centre x, centre y, width, height in network pixels, objectness, class score, in the order
stride 8, 16, 32, then prior, then cell row by row. Backbone, neck, box coding, assignment and losses are our own:
a box is coded linearly in sigmoids, a candy belongs to one level by its size and to the prior nearest in shape.
"""
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import dataset
import scenes

SIDE, STRIDES = dataset.DETECTOR_SIDE, (8, 16, 32)
# Width and height in network pixels. The picture is squashed from 16:9, so a round candy is an upright ellipse.
PRIORS = (((15, 27), (23, 41), (29, 29)), ((36, 64), (52, 52), (40, 90)), ((80, 140), (110, 110), (150, 220)))
LEVEL_LIMITS = (52.0, 110.0)  # the larger side decides the level
CENTRE_REACH, SIZE_LOW, SIZE_SPAN = 3.0, 0.4, 2.2
SEED = 11


class ConvUnit(nn.Sequential):
    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs, momentum=0.05), nn.SiLU())


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.narrow, self.wide = ConvUnit(channels, channels // 2, 1), ConvUnit(channels // 2, channels, 3)

    def forward(self, x):
        return x + self.wide(self.narrow(x))


class Head(nn.Module):
    """Box rows of one level."""

    def __init__(self, channels, level):
        super().__init__()
        self.stride, self.cells = STRIDES[level], SIDE // STRIDES[level]
        self.conv = nn.Conv2d(channels, 18, 1)
        with torch.no_grad():
            self.conv.bias.view(3, 6)[:, 4:] = -4.5  # few cells hold a candy
        y, x = torch.meshgrid(torch.arange(self.cells), torch.arange(self.cells), indexing="ij")
        grid = torch.stack((x, y), -1).float() + 0.5 - CENTRE_REACH / 2
        self.register_buffer("grid", grid.expand(1, 3, self.cells, self.cells, 2).clone())
        prior = torch.tensor(PRIORS[level]).float().view(1, 3, 1, 1, 2)
        self.register_buffer("prior", prior.expand_as(self.grid).clone())

    def forward(self, x):
        raw = self.conv(x).reshape(1 if torch.onnx.is_in_onnx_export() else -1, 3, 6, self.cells, self.cells)
        raw = raw.permute(0, 1, 3, 4, 2)
        if self.training:
            return raw
        centre, size, scores = raw.sigmoid().split((2, 2, 2), -1)
        rows = torch.cat((self.centres(centre), self.sizes(size), scores), -1)
        return rows.reshape(1 if torch.onnx.is_in_onnx_export() else -1, 3 * self.cells * self.cells, 6)

    def centres(self, sigmoid):
        return (sigmoid * CENTRE_REACH + self.grid) * self.stride

    def sizes(self, sigmoid):
        return (sigmoid * SIZE_SPAN + SIZE_LOW) * self.prior


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(ConvUnit(3, 12, 3, 2), ConvUnit(12, 24, 3, 2), Residual(24))
        self.down8 = nn.Sequential(ConvUnit(24, 48, 3, 2), Residual(48))
        self.down16 = nn.Sequential(ConvUnit(48, 80, 3, 2), Residual(80))
        self.down32 = nn.Sequential(ConvUnit(80, 112, 3, 2), Residual(112))
        self.side32 = ConvUnit(112, 56, 1)
        self.merge16, self.mix16 = ConvUnit(56 + 80, 56, 1), ConvUnit(56, 56, 3)
        self.merge8, self.mix8 = ConvUnit(56 + 48, 48, 1), ConvUnit(48, 48, 3)
        self.heads = nn.ModuleList((Head(48, 0), Head(56, 1), Head(56, 2)))

    def forward(self, x):
        c8 = self.down8(self.stem(x))
        c16 = self.down16(c8)
        p32 = self.side32(self.down32(c16))
        p16 = self.mix16(self.merge16(torch.cat((F.interpolate(p32, scale_factor=2.0), c16), 1)))
        p8 = self.mix8(self.merge8(torch.cat((F.interpolate(p16, scale_factor=2.0), c8), 1)))
        rows = [head(p) for head, p in zip(self.heads, (p8, p16, p32))]
        return rows if self.training else torch.cat(rows, 1)


# --- what the network should say -----------------------------------------------------------------------------------

def to_network(boxes):
    """x, y, width, height, counted in the frame -> centre x, y, width, height in network pixels, counted."""
    b = boxes.copy()
    b[:, :4] *= np.float32((SIDE / scenes.WIDTH, SIDE / scenes.HEIGHT) * 2)
    b[:, :2] += b[:, 2:4] / 2
    return b


def assign(batch):
    """For each level: (indices picture, prior, row, column; boxes) of cells that must find, and of cells let alone."""
    must, leave = [[], [], []], [[], [], []]
    for n, boxes in enumerate(batch):
        for cx, cy, w, h, counted in boxes:
            level = int(np.searchsorted(LEVEL_LIMITS, max(w, h)))
            fit = [min(w, pw) * min(h, ph) / max(w * h, pw * ph) for pw, ph in PRIORS[level]]
            best, cells = int(np.argmax(fit)), SIDE // STRIDES[level]
            gx, gy = cx / STRIDES[level], cy / STRIDES[level]
            for row in range(int(gy) - 1, int(gy) + 2):
                for column in range(int(gx) - 1, int(gx) + 2):
                    away = max(abs(column + 0.5 - gx), abs(row + 0.5 - gy))
                    if not (0 <= row < cells and 0 <= column < cells):
                        continue
                    if counted and away <= 0.75:
                        must[level].append((n, best, row, column, cx, cy, w, h))
                    for prior in range(3):
                        leave[level].append((n, prior, row, column))
    return must, leave


def overlap_loss(a, b):
    """1 - generalised IoU of centre-size boxes."""
    low_a, high_a, low_b, high_b = a[:, :2] - a[:, 2:] / 2, a[:, :2] + a[:, 2:] / 2, b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2
    shared = (torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).clamp(min=0).prod(1)
    union = a[:, 2:].prod(1) + b[:, 2:].prod(1) - shared
    hull = (torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)).prod(1)
    return 1 - shared / union + (hull - union) / hull


def loss_of(model, outputs, batch):
    must, leave = assign(batch)
    total = outputs[0].new_zeros(())
    found = max(1, sum(len(m) for m in must))
    for head, raw, wanted, ignored in zip(model.heads, outputs, must, leave):
        target, weight = torch.zeros_like(raw[..., 4]), torch.ones_like(raw[..., 4])
        if ignored:
            weight[tuple(torch.tensor(ignored).T)] = 0
        if wanted:
            rows = torch.tensor(wanted)
            at = tuple(rows[:, :4].long().T)
            sigmoid = raw[at].sigmoid()
            grid, prior = head.grid[0][at[1:]], head.prior[0][at[1:]]
            boxes = torch.cat(((sigmoid[:, :2] * CENTRE_REACH + grid) * head.stride, (sigmoid[:, 2:4] * SIZE_SPAN + SIZE_LOW) * prior), 1)
            total = total + 4.0 * overlap_loss(boxes, rows[:, 4:].float()).sum() / found
            target[at], weight[at] = 1.0, 1.0
        for channel, share in ((4, 1.0), (5, 0.3)):
            each = F.binary_cross_entropy_with_logits(raw[..., channel], target, reduction="none")
            # Focal: cells that are right already hardly pull.
            wrong = (target - raw[..., channel].sigmoid()).abs().detach()
            total = total + share * (each * weight * wrong.pow(1.5)).sum() * 4.0 / found
    return total


# --- training --------------------------------------------------------------------------------------------------------

def augment(rng, pictures, batch):
    """Mirror, colour cast, contrast; channels are swapped now and then so that no colour becomes a cue."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
    batch = [b.copy() for b in batch]
    if rng.random() < 0.5:
        x = x.flip(3)
        for b in batch:
            b[:, 0] = SIDE - b[:, 0]
    if rng.random() < 0.5:
        x = x.flip(2)
        for b in batch:
            b[:, 1] = SIDE - b[:, 1]
    if rng.random() < 0.3:
        x = x[:, rng.permutation(3).tolist()]
    n = len(pictures)
    gain = torch.from_numpy(rng.uniform(0.8, 1.2, (n, 1, 1, 1)) * rng.uniform(0.92, 1.08, (n, 3, 1, 1))).float()
    lift = torch.from_numpy(rng.uniform(-0.06, 0.06, (n, 1, 1, 1))).float()
    return (x * gain + lift).clamp(0, 1).contiguous(memory_format=torch.channels_last), batch


def train(data, epochs, batch_size=24, peak_rate=4e-3, report=print):
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    pictures, boxes = data["detector"], [to_network(b) for b in dataset.boxes_of(data)]
    model = Detector()
    for conv in (m for m in model.modules() if isinstance(m, nn.Conv2d)):
        conv.to(memory_format=torch.channels_last)
    steps = epochs * (len(pictures) // batch_size)
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak_rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=steps, pct_start=0.12)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True)
    model.train()
    for epoch in range(epochs):
        order, total = rng.permutation(len(pictures)), 0.0
        for start in range(0, len(order) - batch_size + 1, batch_size):
            pick = np.sort(order[start:start + batch_size])
            x, batch = augment(rng, pictures[pick], [boxes[k] for k in pick])
            loss = loss_of(model, model(x), batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(model)
            total += loss.item()
        report(f"detector A: epoch {epoch + 1}/{epochs}, loss {total * batch_size / len(order):.3f}")
    return average.module.eval()


def export(model, path):
    """ONNX as the YOLOv5 block gives it: opset 12, batch 1 baked into every Reshape."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), torch.zeros(1, 3, SIDE, SIDE), str(path), opset_version=12, input_names=["images"], output_names=["output0"], dynamo=False)
