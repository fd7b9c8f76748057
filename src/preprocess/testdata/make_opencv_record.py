#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What OpenCV makes of one small picture, recorded for preprocess_test.cpp.

    pip install numpy opencv-python-headless==4.10.0.84
    python3 make_opencv_record.py

Writes beside itself, all raw bytes, rows without gaps:
  picture.rgb           52 x 36, R G B
  nearest_24x16.rgb     INTER_NEAREST_EXACT
  bilinear_24x16.rgb    INTER_LINEAR
  area_24x16.rgb        INTER_AREA
  bilinear_80x60.rgb    INTER_LINEAR, enlarging
  picture.i420          40 x 26, the planes Y, U, V
  bt601_limited.rgb     COLOR_YUV2RGB_I420 of it
"""
import pathlib

import cv2
import numpy as np

HERE = pathlib.Path(__file__).parent


def picture():
    y, x = np.mgrid[0:36, 0:52]
    channels = [127 + 120 * np.sin(x / 7 + y / 11), (7 * x + 5 * y) % 256, 255 * ((x // 6 + y // 5) % 2)]
    noise = np.random.default_rng(1).integers(-12, 13, (36, 52, 3))
    return np.clip(np.stack(channels, axis=2) + noise, 0, 255).astype(np.uint8)


def main():
    image = picture()
    (HERE / "picture.rgb").write_bytes(image.tobytes())
    for name, size, filter_ in [
        ("nearest_24x16", (24, 16), cv2.INTER_NEAREST_EXACT),
        ("bilinear_24x16", (24, 16), cv2.INTER_LINEAR),
        ("area_24x16", (24, 16), cv2.INTER_AREA),
        ("bilinear_80x60", (80, 60), cv2.INTER_LINEAR),
    ]:
        # In float: the 8-bit path rounds in between. Nearest changes no value.
        scaled = np.rint(cv2.resize(image.astype(np.float32), size, interpolation=filter_))
        (HERE / f"{name}.rgb").write_bytes(scaled.astype(np.uint8).tobytes())

    # From 16 on: OpenCV takes a luma below for 16.
    yuv = np.random.default_rng(2).integers(16, 236, (26 * 3 // 2, 40), dtype=np.uint8)
    (HERE / "picture.i420").write_bytes(yuv.tobytes())
    (HERE / "bt601_limited.rgb").write_bytes(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB_I420).tobytes())


if __name__ == "__main__":
    main()
