# SPDX-License-Identifier: Apache-2.0
"""The unseen clip: three shots of five seconds, H.264 1280x720 at 30 frames a second, and its truth.

The encoder is GStreamer's x264enc (Debian: gstreamer1.0-plugins-ugly), started as `gst-launch-1.0` on raw frames.
"""
import json
import subprocess

import cv2
import numpy as np

import scenes

FPS, SHOT_FRAMES, SEED = 30, 150, 90210
SPEEDS = (7.0, 6.0, 8.0)  # pixels a frame
STYLES = (dict(belt=0, pattern="diamonds", blur=0.7), dict(belt=4, pattern="weave", blur=0.8),
          dict(belt=6, pattern="ribs", blur=0.6))
ENCODER = ("fdsrc fd=0 ! rawvideoparse format=rgb width={w} height={h} framerate={fps}/1 ! videoconvert ! "
           "video/x-raw,format=I420,colorimetry=bt709 ! "
           "x264enc pass=qual quantizer={q} speed-preset=slow key-int-max=60 threads=1 ! "
           "video/x-h264,profile=high ! h264parse ! mp4mux faststart=true ! filesink location={path}")


def shot(index):
    """Yields (RGB, truth) of every frame of one shot."""
    rng = np.random.default_rng((SEED, index))
    speed = SPEEDS[index]
    style = scenes.Style(candies=8, distractors=15, radius=(42, 54), lone=0.9, noise=1.2, motion=speed * 0.35,
                         length=scenes.WIDTH + int(speed * SHOT_FRAMES), **STYLES[index])
    scene = scenes.Scene(rng, style)
    for frame in range(SHOT_FRAMES):
        picture, truth = scene.render(rng, shift=speed * frame, shadow_shift=frame * 0.25)
        for candy in truth:
            candy["id"] += 1000 * index
        yield picture, truth


def make(clip_path, truth_path, quantizer=22):
    line = ENCODER.format(w=scenes.WIDTH, h=scenes.HEIGHT, fps=FPS, q=quantizer, path=clip_path)
    encoder = subprocess.Popen(["gst-launch-1.0", "-q", *line.split()], stdin=subprocess.PIPE)
    frames = []
    for index in range(len(STYLES)):
        for picture, truth in shot(index):
            encoder.stdin.write(picture.tobytes())
            frames.append(truth)
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise RuntimeError("gst-launch-1.0: the encoder ended with an error; its message is above")
    write_truth(truth_path, frames)


def write_truth(path, frames):
    """One line a frame, so that a change can be read."""
    rows = ",\n".join("  " + json.dumps(frame, separators=(",", ":")) for frame in frames)
    head = json.dumps({"width": scenes.WIDTH, "height": scenes.HEIGHT, "fps": FPS})[1:-1]
    path.write_text(f'{{{head},\n "frames": [\n{rows}\n]}}\n')


def make_sheet(clip_path, truth_path, sheet_path, at=(40, 110, 190, 260, 340, 410)):
    """Six frames with the truth drawn in: green whole, red broken, thin where a candy does not count."""
    frames, capture = json.loads(truth_path.read_text())["frames"], cv2.VideoCapture(str(clip_path))
    tiles = []
    for index in range(len(frames)):
        picture = capture.read()[1]
        if index not in at:
            continue
        for candy in frames[index]:
            x, y, w, h = (int(round(v)) for v in candy["box"])
            colour = (80, 220, 60) if candy["state"] == "good" else (50, 50, 240)
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, 4 if candy["counted"] else 1)
        tiles.append(cv2.resize(picture, (480, 270), interpolation=cv2.INTER_AREA))
    sheet = np.vstack([np.hstack(tiles[k:k + 2]) for k in range(0, len(tiles), 2)])
    cv2.imwrite(str(sheet_path), sheet, (cv2.IMWRITE_JPEG_QUALITY, 82))
