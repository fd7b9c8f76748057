#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what Edge Impulse's own C++ SDK makes of random output tensors: sdk_fomo.txt and sdk_yolov5.txt.

    record_sdk.py path/to/inferencing-sdk-cpp

The SDK's functions are cut out of its headers into a temporary program with the few structs they touch, compiled and
run; nothing of the SDK stays. The recorded files were made from commit 919819f of edgeimpulse/inferencing-sdk-cpp.
"""
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

STRUCTS = r"""
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>
#define EI_HAS_YOLOV5 1
#define EI_LOGD(...)
static void* ei_malloc(size_t n) { return malloc(n); }
static void ei_free(void* p) { free(p); }
enum EI_IMPULSE_ERROR { EI_IMPULSE_OK, EI_IMPULSE_OUT_OF_MEMORY, EI_IMPULSE_OUTPUT_TENSOR_NULL,
                        EI_IMPULSE_LAST_LAYER_NOT_AVAILABLE };
struct ei_impulse_result_bounding_box_t { const char* label; uint32_t x, y, width, height; float value; };
struct ei_classifier_cube_t { uint32_t x, y, width, height; float confidence; const char* label; };
struct ei_object_detection_nms_config_t { float confidence_threshold, iou_threshold; };
struct ei_fill_result_object_detection_f32_config_t {
  float threshold; int version; uint32_t output_features_count, object_detection_count;
  ei_object_detection_nms_config_t nms_config; };
namespace ei { struct matrix_t { float* buffer; }; }
struct ei_impulse_t { uint32_t input_width, input_height, label_count; const char** categories;
                      uint32_t output_tensors_size; };
struct ei_impulse_handle_t { const ei_impulse_t* impulse; };
struct ei_impulse_result_t { ei::matrix_t* _raw_outputs; ei_impulse_result_bounding_box_t* bounding_boxes;
                             uint32_t bounding_boxes_count; };
static bool find_mtx_by_idx(ei::matrix_t* m, ei::matrix_t** out, uint32_t, uint32_t) { *out = m; return true; }
static const char* names[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
"""

MAIN = r"""
int main(int argc, char** argv) {
  const bool fomo = std::string(argv[1]) == "fomo";
  const uint32_t rows = atoi(argv[2]), columns = atoi(argv[3]), classes = atoi(argv[4]), size = atoi(argv[5]);
  const int version = atoi(argv[6]);
  const float threshold = atof(argv[7]);
  const size_t per = fomo ? size_t(columns) * (classes + 1) : 5 + classes;
  std::vector<float> values(rows * per);
  if (fread(values.data(), 4, values.size(), stdin) != values.size()) return 1;
  ei_impulse_result_t result{};
  if (fomo) {
    std::vector<ei_classifier_cube_t*> cubes;
    for (uint32_t y = 0; y < rows; ++y)
      for (uint32_t x = 0; x < columns; ++x)
        for (uint32_t k = 1; k <= classes; ++k)
          ei_handle_cube(&cubes, x, y, values[(size_t(y) * columns + x) * (classes + 1) + k], names[k - 1], threshold);
    process_cubes(&result, &cubes, size / columns, 0);
  } else {
    ei_impulse_t impulse{size, size, classes, names, 1};
    ei_impulse_handle_t handle{&impulse};
    ei::matrix_t matrix{values.data()};
    result._raw_outputs = &matrix;
    ei_fill_result_object_detection_f32_config_t config{threshold, version, uint32_t(values.size()), 0, {0.0f, 0.2f}};
    process_yolov5_f32(&handle, 0, 0, &result, &config, nullptr);
  }
  for (uint32_t i = 0; i < result.bounding_boxes_count; ++i) {
    const auto& b = result.bounding_boxes[i];
    printf("box %s %u %u %u %u %.9g\n", b.label, b.x, b.y, b.width, b.height, b.value);
  }
}
"""


def between(text, begin, end):
    start = text.index(begin)
    return text[start:text.index(end, start)]


def oracle(sdk, folder):
    common = (sdk / "classifier/postprocessing/ei_postprocessing_common.h").read_text()
    nms = (sdk / "classifier/ei_nms.h").read_text()
    parts = [
        STRUCTS,
        between(common, "__attribute__((unused)) static bool ei_cube_check_overlap",
                "/**\n * Fill the result structure from an unquantized output tensor"),
        between(nms, "#include <algorithm>", "#endif // (EI_HAS_YOLOV5"),
        between(common, "__attribute__((unused)) static EI_IMPULSE_ERROR process_yolov5_f32",
                "__attribute__((unused)) static EI_IMPULSE_ERROR process_yolov5_i8"),
        MAIN,
    ]
    (folder / "oracle.cpp").write_text("\n".join(parts))
    subprocess.run(["g++", "-std=c++17", "-O1", "-w", "-o", folder / "oracle", folder / "oracle.cpp"], check=True)
    return folder / "oracle"


def as_float32(value):
    """Few digits, to keep the files small, and what a float holds of them."""
    return struct.unpack("f", struct.pack("f", round(value, 3)))[0]


def case(program, kind, rows, columns, classes, size, version, threshold, values):
    arguments = [str(argument) for argument in (kind, rows, columns, classes, size, version, threshold)]
    answer = subprocess.run([program, *arguments], input=struct.pack(f"{len(values)}f", *values), stdout=subprocess.PIPE,
                            check=True).stdout.decode()
    head = f"case rows={rows} columns={columns} classes={classes} size={size} version={version} threshold={threshold}\n"
    return head + "values " + " ".join(f"{value:.6g}" for value in values) + "\n" + answer + "end\n"


def fomo_cases(program, chance):
    for rows, columns, classes, size, density in [(6, 6, 1, 48, 0.3), (12, 12, 2, 96, 0.2), (12, 12, 3, 96, 0.5),
                                                  (20, 20, 1, 160, 0.12), (8, 8, 2, 64, 0.9)]:
        for _ in range(3):
            values = []
            for _ in range(rows * columns):
                scores = [chance.random() * 0.49 for _ in range(classes)]
                if chance.random() < density:
                    scores[chance.randrange(classes)] = 0.5 + chance.random() * 0.5
                values += [as_float32(v) for v in [max(0.0, 1 - sum(scores))] + scores]
            yield case(program, "fomo", rows, columns, classes, size, 0, 0.5, values)


def yolov5_cases(program, chance):
    for count, classes, size, version in [(40, 1, 160, 5), (60, 3, 320, 5), (60, 2, 160, 6), (30, 2, 96, 5)]:
        for _ in range(3):
            scale = size if version == 5 else 1
            # Of two boxes with one score the SDK's heap may take either first: every score is its own, one is 1 and one
            # is above.
            scores = [1.0, 1.01] + [value / 1000 for value in chance.sample(range(1000), count - 2)]
            chance.shuffle(scores)
            values = []
            for score in scores:
                row = [chance.uniform(-0.05, 1.05) * scale, chance.uniform(-0.05, 1.05) * scale,
                       chance.uniform(0.001, 0.5) * scale, chance.uniform(0.001, 0.5) * scale, score]
                row += [chance.choice([0.0, chance.random()]) for _ in range(classes)]
                values += [as_float32(v) for v in row]
            yield case(program, "yolov5", count, 5 + classes, classes, size, version, 0.3, values)


def main():
    here = pathlib.Path(__file__).resolve().parent
    chance = random.Random(20240607)
    with tempfile.TemporaryDirectory() as folder:
        program = oracle(pathlib.Path(sys.argv[1]), pathlib.Path(folder))
        for name, cases in (("sdk_fomo.txt", fomo_cases), ("sdk_yolov5.txt", yolov5_cases)):
            (here / name).write_text("# Made by record_sdk.py; see there.\n" + "".join(cases(program, chance)))


if __name__ == "__main__":
    main()
