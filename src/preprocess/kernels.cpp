// SPDX-License-Identifier: Apache-2.0
#include "preprocess/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "preprocess/color.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace es::preprocess {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<int16_t>;
using HalfBytes = hn::Rebind<uint8_t, Words>;
using Floats = hn::ScalableTag<float>;
using Ints = hn::RebindToSigned<Floats>;
using QuarterBytes = hn::Rebind<uint8_t, Floats>;

constexpr int fraction_bits = 7;

template <typename V>
void blend(V a, V b, hn::Vec<Words> weight, int16_t* HWY_RESTRICT out) {
  const Words words;
  const auto from = hn::PromoteTo(words, a);
  const auto difference = hn::ShiftLeft<fraction_bits>(hn::Sub(hn::PromoteTo(words, b), from));
  hn::StoreU(hn::Add(hn::ShiftLeft<fraction_bits>(from), hn::MulFixedPoint15(difference, weight)), words, out);
}

// What blend() does to one lane, bit for bit.
int16_t blend_one(int a, int b, int weight) {
  const int difference = (b - a) * (1 << fraction_bits);
  return static_cast<int16_t>(a * (1 << fraction_bits) + ((difference * weight + (1 << 14)) >> 15));
}

template <int step>
void blend_rows_of(const uint8_t* HWY_RESTRICT a, const uint8_t* HWY_RESTRICT b, int weight, size_t pixels,
                   int16_t* const* out) {
  const Words words;
  const HalfBytes bytes;
  const auto w = hn::Set(words, static_cast<int16_t>(weight));
  const size_t lanes = hn::Lanes(words);
  size_t i = 0;
  for (; i + lanes <= pixels; i += lanes) {
    if constexpr (step == 1) {
      blend(hn::LoadU(bytes, a + i), hn::LoadU(bytes, b + i), w, out[0] + i);
    } else if constexpr (step == 2) {
      hn::Vec<HalfBytes> a0, a1, b0, b1;
      hn::LoadInterleaved2(bytes, a + 2 * i, a0, a1);
      hn::LoadInterleaved2(bytes, b + 2 * i, b0, b1);
      blend(a0, b0, w, out[0] + i);
      blend(a1, b1, w, out[1] + i);
    } else {
      hn::Vec<HalfBytes> a0, a1, a2, a3, b0, b1, b2, b3;
      if constexpr (step == 3) {
        hn::LoadInterleaved3(bytes, a + 3 * i, a0, a1, a2);
        hn::LoadInterleaved3(bytes, b + 3 * i, b0, b1, b2);
      } else {
        hn::LoadInterleaved4(bytes, a + 4 * i, a0, a1, a2, a3);
        hn::LoadInterleaved4(bytes, b + 4 * i, b0, b1, b2, b3);
      }
      blend(a0, b0, w, out[0] + i);
      blend(a1, b1, w, out[1] + i);
      blend(a2, b2, w, out[2] + i);
    }
  }
  for (; i < pixels; ++i) {
    for (int c = 0; c < (step == 4 ? 3 : step); ++c) out[c][i] = blend_one(a[step * i + c], b[step * i + c], weight);
  }
}

void BlendRows(const uint8_t* a, const uint8_t* b, int weight, size_t pixels, int step, int16_t* const* out) {
  constexpr decltype(&blend_rows_of<1>) by_step[] = {blend_rows_of<1>, blend_rows_of<2>, blend_rows_of<3>,
                                                     blend_rows_of<4>};
  by_step[step - 1](a, b, weight, pixels, out);
}

// Columns are fetched by plain loads, a block at a time, and computed on in vectors afterwards: gather instructions
// took 1.5 times as long where they exist (Zen 5), and stand for the same loads where they do not.
constexpr size_t block = 256;

// Both neighbours lie side by side, 16 bits each: one load of 32 bits fetches them.
void LerpColumns(const int16_t* HWY_RESTRICT row, const int32_t* HWY_RESTRICT first,
                 const float* HWY_RESTRICT second_weight, size_t count, float* HWY_RESTRICT out) {
  const Floats floats;
  const Ints ints;
  const auto low = hn::Set(ints, 0xffff);
  const auto unit = hn::Set(floats, 1 / kernels::blended_one);
  HWY_ALIGN int32_t pairs[block] = {};
  for (size_t start = 0; start < count; start += block) {
    const size_t end = std::min(count - start, block);
    HWY_UNROLL(8)
    for (size_t i = 0; i < end; ++i) std::memcpy(&pairs[i], row + first[start + i], sizeof pairs[i]);
    for (size_t i = 0; i < end; i += hn::Lanes(floats)) {
      const auto pair = hn::Load(ints, pairs + i);
      const auto left = hn::ConvertTo(floats, hn::And(pair, low));
      const auto right = hn::ConvertTo(floats, hn::ShiftRight<16>(pair));
      const auto value = hn::MulAdd(hn::Sub(right, left), hn::LoadU(floats, second_weight + start + i), left);
      hn::StoreU(hn::Mul(value, unit), floats, out + start + i);
    }
  }
}

// A pixel's bytes in one number, the first byte lowest.
template <int step>
int32_t pixel_at(const uint8_t* at) {
  uint32_t pixel = at[0];
  if constexpr (step > 1) pixel |= uint32_t{at[1]} << 8;
  if constexpr (step > 2) pixel |= uint32_t{at[2]} << 16;
  return static_cast<int32_t>(pixel);  // the fourth byte is never asked for
}

template <int step>
void pick_columns_of(const uint8_t* HWY_RESTRICT row, const int32_t* HWY_RESTRICT first, size_t count, int components,
                     const int* offsets, float* const* out) {
  const Floats floats;
  const Ints ints;
  const auto byte = hn::Set(ints, 0xff);
  HWY_ALIGN int32_t pixels[block] = {};
  for (size_t start = 0; start < count; start += block) {
    const size_t end = std::min(count - start, block);
    HWY_UNROLL(8)
    for (size_t i = 0; i < end; ++i) pixels[i] = pixel_at<step>(row + static_cast<ptrdiff_t>(first[start + i]) * step);
    for (int c = 0; c < components; ++c) {
      for (size_t i = 0; i < end; i += hn::Lanes(floats)) {
        const auto value = hn::And(hn::ShiftRightSame(hn::Load(ints, pixels + i), 8 * offsets[c]), byte);
        hn::StoreU(hn::ConvertTo(floats, value), floats, out[c] + start + i);
      }
    }
  }
}

void PickColumns(const uint8_t* row, const int32_t* first, size_t count, int step, int components, const int* offsets,
                 float* const* out) {
  constexpr decltype(&pick_columns_of<1>) by_step[] = {pick_columns_of<1>, pick_columns_of<2>, pick_columns_of<3>,
                                                       pick_columns_of<4>};
  by_step[step - 1](row, first, count, components, offsets, out);
}

// Rows are summed a few at a time, in registers; more at once would be more streams than a processor prefetches.
constexpr int rows_at_once = 8;

void sum_few_rows(const uint8_t* HWY_RESTRICT first_row, ptrdiff_t stride, const float* HWY_RESTRICT weights, int rows,
                  bool add, size_t count, float* HWY_RESTRICT sum) {
  const Floats floats;
  const size_t lanes = hn::Lanes(floats);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    auto total = add ? hn::LoadU(floats, sum + i) : hn::Zero(floats);
    for (int r = 0; r < rows; ++r) {
      const auto bytes = hn::PromoteTo(Ints(), hn::LoadU(QuarterBytes(), first_row + r * stride + i));
      total = hn::MulAdd(hn::ConvertTo(floats, bytes), hn::Set(floats, weights[r]), total);
    }
    hn::StoreU(total, floats, sum + i);
  }
  for (; i < count; ++i) {
    float total = add ? sum[i] : 0.0f;
    for (int r = 0; r < rows; ++r)
      total += weights[r] * static_cast<float>(first_row[r * stride + static_cast<ptrdiff_t>(i)]);
    sum[i] = total;
  }
}

void SumRows(const uint8_t* first_row, ptrdiff_t stride, const float* weights, int rows, size_t count, float* sum) {
  for (int done = 0; done < rows; done += rows_at_once) {
    sum_few_rows(first_row + done * stride, stride, weights + done, std::min(rows - done, rows_at_once), done > 0,
                 count, sum);
  }
}

template <int step>
void split_row_of(const float* HWY_RESTRICT row, size_t pixels, float* const* out) {
  const Floats floats;
  for (size_t i = 0; i < pixels; i += hn::Lanes(floats)) {
    hn::Vec<Floats> c0, c1, c2, c3;
    if constexpr (step == 2) {
      hn::LoadInterleaved2(floats, row + step * i, c0, c1);
    } else if constexpr (step == 3) {
      hn::LoadInterleaved3(floats, row + step * i, c0, c1, c2);
    } else {
      hn::LoadInterleaved4(floats, row + step * i, c0, c1, c2, c3);
    }
    hn::StoreU(c0, floats, out[0] + i);
    hn::StoreU(c1, floats, out[1] + i);
    if constexpr (step > 2) hn::StoreU(c2, floats, out[2] + i);
  }
}

void SplitRow(const float* row, size_t pixels, int step, float* const* out) {
  constexpr decltype(&split_row_of<2>) by_step[] = {split_row_of<2>, split_row_of<3>, split_row_of<4>};
  by_step[step - 2](row, pixels, out);
}

void SumColumns(const float* HWY_RESTRICT row, const int32_t* HWY_RESTRICT first, const int32_t* HWY_RESTRICT tally,
                const float* HWY_RESTRICT weights, size_t weights_width, size_t count, float* HWY_RESTRICT out) {
  const hn::CappedTag<float, kernels::weight_padding> part;
  for (size_t i = 0; i < count; ++i) {
    const float* HWY_RESTRICT samples = row + first[i];
    const float* HWY_RESTRICT shares = weights + i * weights_width;
    auto sum = hn::Zero(part);
    for (size_t k = 0; k < static_cast<size_t>(tally[i]); k += hn::Lanes(part)) {
      sum = hn::MulAdd(hn::LoadU(part, samples + k), hn::LoadU(part, shares + k), sum);
    }
    out[i] = hn::GetLane(hn::SumOfLanes(part, sum));
  }
}

hn::Vec<Floats> to_byte(hn::Vec<Floats> value) {
  const Floats floats;
  return hn::Round(hn::Min(hn::Max(value, hn::Zero(floats)), hn::Set(floats, 255.0f)));
}

void YuvToRgbRow(const YuvToRgb& matrix, size_t count, float* HWY_RESTRICT y_row, float* HWY_RESTRICT u_row,
                 float* HWY_RESTRICT v_row) {
  const Floats floats;
  const auto black = hn::Set(floats, matrix.black), gain = hn::Set(floats, matrix.luma);
  const auto middle = hn::Set(floats, 128.0f);
  const auto red_v = hn::Set(floats, matrix.red_v), green_u = hn::Set(floats, matrix.green_u);
  const auto green_v = hn::Set(floats, matrix.green_v), blue_u = hn::Set(floats, matrix.blue_u);
  for (size_t i = 0; i < count; i += hn::Lanes(floats)) {
    const auto luma = hn::Mul(hn::Sub(hn::LoadU(floats, y_row + i), black), gain);
    const auto u = hn::Sub(hn::LoadU(floats, u_row + i), middle);
    const auto v = hn::Sub(hn::LoadU(floats, v_row + i), middle);
    hn::StoreU(to_byte(hn::MulAdd(v, red_v, luma)), floats, y_row + i);
    hn::StoreU(to_byte(hn::MulAdd(u, green_u, hn::MulAdd(v, green_v, luma))), floats, u_row + i);
    hn::StoreU(to_byte(hn::MulAdd(u, blue_u, luma)), floats, v_row + i);
  }
}

void RgbToGray(size_t count, float* HWY_RESTRICT red, const float* HWY_RESTRICT green, const float* HWY_RESTRICT blue) {
  const Floats floats;
  const auto r = hn::Set(floats, gray_red), g = hn::Set(floats, gray_green), b = hn::Set(floats, gray_blue);
  for (size_t i = 0; i < count; i += hn::Lanes(floats)) {
    const auto sum = hn::MulAdd(hn::LoadU(floats, red + i), r,
                                hn::MulAdd(hn::LoadU(floats, green + i), g, hn::Mul(hn::LoadU(floats, blue + i), b)));
    hn::StoreU(to_byte(sum), floats, red + i);
  }
}

void RoundRow(size_t count, float* values) {
  const Floats floats;
  for (size_t i = 0; i < count; i += hn::Lanes(floats)) {
    hn::StoreU(hn::Round(hn::LoadU(floats, values + i)), floats, values + i);
  }
}

void SubtractRow(size_t count, float* HWY_RESTRICT values, const float* HWY_RESTRICT subtrahend) {
  for (size_t i = 0; i < count; ++i) values[i] -= subtrahend[i];
}

void NormalizeRow(const float* HWY_RESTRICT values, size_t count, float scale, float mean, float* HWY_RESTRICT out) {
  const Floats floats;
  const auto s = hn::Set(floats, scale), m = hn::Set(floats, mean);
  const size_t lanes = hn::Lanes(floats);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::Mul(s, hn::Sub(hn::LoadU(floats, values + i), m)), floats, out + i);
  }
  for (; i < count; ++i) out[i] = scale * (values[i] - mean);
}

void NormalizeInterleaved(const float* const* values, size_t count, float scale, const float* mean,
                          float* HWY_RESTRICT out) {
  const Floats floats;
  const auto s = hn::Set(floats, scale);
  const size_t lanes = hn::Lanes(floats);
  const auto m0 = hn::Set(floats, mean[0]), m1 = hn::Set(floats, mean[1]), m2 = hn::Set(floats, mean[2]);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreInterleaved3(hn::Mul(s, hn::Sub(hn::LoadU(floats, values[0] + i), m0)),
                          hn::Mul(s, hn::Sub(hn::LoadU(floats, values[1] + i), m1)),
                          hn::Mul(s, hn::Sub(hn::LoadU(floats, values[2] + i), m2)), floats, out + 3 * i);
  }
  for (; i < count; ++i) {
    for (int k = 0; k < 3; ++k) out[3 * i + k] = scale * (values[k][i] - mean[k]);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace es::preprocess
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace es::preprocess {

HWY_EXPORT(BlendRows);
HWY_EXPORT(LerpColumns);
HWY_EXPORT(PickColumns);
HWY_EXPORT(SumRows);
HWY_EXPORT(SplitRow);
HWY_EXPORT(SumColumns);
HWY_EXPORT(YuvToRgbRow);
HWY_EXPORT(RgbToGray);
HWY_EXPORT(RoundRow);
HWY_EXPORT(SubtractRow);
HWY_EXPORT(NormalizeRow);
HWY_EXPORT(NormalizeInterleaved);

namespace kernels {

void blend_rows(const uint8_t* a, const uint8_t* b, int weight, size_t pixels, int step, int16_t* const* out) {
  HWY_DYNAMIC_DISPATCH(BlendRows)(a, b, weight, pixels, step, out);
}
void lerp_columns(const int16_t* row, const int32_t* first, const float* second_weight, size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(LerpColumns)(row, first, second_weight, count, out);
}
void pick_columns(const uint8_t* row, const int32_t* first, size_t count, int step, int components, const int* offsets,
                  float* const* out) {
  HWY_DYNAMIC_DISPATCH(PickColumns)(row, first, count, step, components, offsets, out);
}
void sum_rows(const uint8_t* first_row, ptrdiff_t stride, const float* weights, int rows, size_t count, float* sum) {
  HWY_DYNAMIC_DISPATCH(SumRows)(first_row, stride, weights, rows, count, sum);
}
void split_row(const float* row, size_t pixels, int step, float* const* out) {
  HWY_DYNAMIC_DISPATCH(SplitRow)(row, pixels, step, out);
}
void sum_columns(const float* row, const int32_t* first, const int32_t* tally, const float* weights,
                 size_t weights_width, size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(SumColumns)(row, first, tally, weights, weights_width, count, out);
}
void yuv_to_rgb(const YuvToRgb& matrix, size_t count, float* y, float* u, float* v) {
  HWY_DYNAMIC_DISPATCH(YuvToRgbRow)(matrix, count, y, u, v);
}
void rgb_to_gray(size_t count, float* red, const float* green, const float* blue) {
  HWY_DYNAMIC_DISPATCH(RgbToGray)(count, red, green, blue);
}
void round_row(size_t count, float* values) { HWY_DYNAMIC_DISPATCH(RoundRow)(count, values); }
void subtract_row(size_t count, float* values, const float* subtrahend) {
  HWY_DYNAMIC_DISPATCH(SubtractRow)(count, values, subtrahend);
}
void normalize_row(const float* values, size_t count, float scale, float mean, float* out) {
  HWY_DYNAMIC_DISPATCH(NormalizeRow)(values, count, scale, mean, out);
}
void normalize_interleaved(const float* const* values, size_t count, float scale, const float* mean, float* out) {
  HWY_DYNAMIC_DISPATCH(NormalizeInterleaved)(values, count, scale, mean, out);
}

}  // namespace kernels
}  // namespace es::preprocess
#endif
