// SPDX-License-Identifier: Apache-2.0
//
// The inner loops, one row each, compiled for every vector instruction set and chosen at run time by Highway.
//
// Rows of "values" are floats, one per destination pixel, in memory padded to lane_padding entries (axis.h): kernels
// may read and write whole vectors there. Source rows and the tensor are not padded.
#pragma once

#include <cstddef>
#include <cstdint>

namespace es::preprocess {

// The three coefficients rows of Y, U, V to R, G, B; see color.h.
struct YuvToRgb;

namespace kernels {

// Fixed point of blended rows: a byte times 128, so that 16 bits hold it with a sign.
inline constexpr float blended_one = 128.0f;

// out[c][i] = a + (b - a) * weight for component c of the `step` that each pixel has (1 to 4), at fixed point.
// `weight` is in 1/32768, below 32768. `out` needs padding for one vector.
void blend_rows(const uint8_t* a, const uint8_t* b, int weight, size_t pixels, int step, int16_t* const* out);

// out[i] = the bilinear value between row[first[i]] and row[first[i] + 1] of a blended row.
void lerp_columns(const int16_t* row, const int32_t* first, const float* second_weight, size_t count, float* out);

// out[c][i] = the byte at row[first[i] * step + offsets[c]], for `components` (at most 3) of them.
void pick_columns(const uint8_t* row, const int32_t* first, size_t count, int step, int components, const int* offsets,
                  float* const* out);

// sum[i] = the sum over r < rows of weights[r] * first_row[r * stride + i].
void sum_rows(const uint8_t* first_row, ptrdiff_t stride, const float* weights, int rows, size_t count, float* sum);

// The components of each pixel's `step` values (2 to 4; the fourth is dropped) into rows of their own. Both sides need
// padding for one vector per component.
void split_row(const float* row, size_t pixels, int step, float* const* out);

// out[i] = the sum over k < tally[i] of weights[i * weights_width + k] * row[first[i] + k]. Weights beyond the tally
// are 0 up to a multiple of weight_padding, and so many values of `row` can be read.
inline constexpr size_t weight_padding = 8;
void sum_columns(const float* row, const int32_t* first, const int32_t* tally, const float* weights,
                 size_t weights_width, size_t count, float* out);

// Values of Y, U, V become R, G, B in place: rounded to whole numbers, 0 to 255.
void yuv_to_rgb(const YuvToRgb& matrix, size_t count, float* y, float* u, float* v);

// Values of R, G, B become gray in the first row, rounded.
void rgb_to_gray(size_t count, float* red, const float* green, const float* blue);

// To whole numbers, halves to even.
void round_row(size_t count, float* values);

// values -= subtrahend.
void subtract_row(size_t count, float* values, const float* subtrahend);

// out[i] = scale * (values[i] - mean).
void normalize_row(const float* values, size_t count, float scale, float mean, float* out);

// out[3 * i + k] = scale * (values[k][i] - mean[k]).
void normalize_interleaved(const float* const* values, size_t count, float scale, const float* mean, float* out);

}  // namespace kernels
}  // namespace es::preprocess
