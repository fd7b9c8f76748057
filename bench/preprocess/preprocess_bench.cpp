// SPDX-License-Identifier: Apache-2.0
//
// One 1080p picture to one item of the input tensor, against the usual ways of doing it with libyuv in the same run:
// the whole frame to ARGB and then scaled, and planes scaled first.
//
// Five pictures take turns, so that the pixels come from L3 as they do behind a decoder, not from L2.
#include <benchmark/benchmark.h>
#include <libyuv.h>

#include <array>
#include <random>
#include <vector>

#include "preprocess/preprocess.h"

namespace es {
namespace {

constexpr int frame_width = 1920, frame_height = 1080, pictures = 5;

struct Picture {
  std::vector<uint8_t> bytes;
  ImageView view;
};

size_t bytes_of(PixelFormat format) {
  const size_t pixels = size_t{frame_width} * frame_height;
  switch (format) {
    case PixelFormat::i420:
    case PixelFormat::nv12:
      return pixels * 3 / 2;
    case PixelFormat::rgba:
    case PixelFormat::bgrx:
      return pixels * 4;
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      return pixels * 3;
    case PixelFormat::gray8:
      return pixels;
  }
  return 0;
}

Picture make_picture(PixelFormat format, unsigned seed) {
  Picture picture;
  picture.bytes.resize(bytes_of(format));
  std::mt19937 random(seed);
  for (auto& byte : picture.bytes) byte = static_cast<uint8_t>(random());
  auto& view = picture.view;
  view.format = format;
  view.width = frame_width;
  view.height = frame_height;
  const uint8_t* data = picture.bytes.data();
  const size_t luma = size_t{frame_width} * frame_height;
  view.planes[0] = {data, static_cast<int>(bytes_of(format) / frame_height)};
  if (format == PixelFormat::i420) {
    view.planes = {{{data, frame_width}, {data + luma, frame_width / 2}, {data + luma * 5 / 4, frame_width / 2}}};
  } else if (format == PixelFormat::nv12) {
    view.planes = {{{data, frame_width}, {data + luma, frame_width}, {}}};
  }
  return picture;
}

std::vector<Picture> make_pictures(PixelFormat format) {
  std::vector<Picture> all;
  for (unsigned seed = 0; seed < pictures; ++seed) all.push_back(make_picture(format, seed));
  return all;
}

preprocess::Spec spec_of(int size, preprocess::Filter filter, bool letterbox) {
  return {.width = size, .height = size, .filter = filter, .maintain_aspect_ratio = letterbox, .scale = 1 / 255.0f};
}

void ours(benchmark::State& state, PixelFormat format, preprocess::Filter filter, bool letterbox) {
  const auto all = make_pictures(format);
  const auto spec = spec_of(static_cast<int>(state.range(0)), filter, letterbox);
  const auto placement = preprocess::place({0, 0, frame_width, frame_height}, frame_width, frame_height, spec);
  std::vector<float> out(spec.elements());
  size_t i = 0;
  for (auto _ : state) {
    preprocess::preprocess(all[i++ % pictures].view, *placement, spec, out);
    benchmark::DoNotOptimize(out.data());
  }
}

// ARGB bytes (B, G, R, A in memory) of `width` x `height` into the top of a planar tensor, the rest padding.
void normalize_argb(const std::vector<uint8_t>& argb, int width, int height, int size, std::vector<float>& out) {
  const size_t plane = static_cast<size_t>(size) * static_cast<size_t>(size);
  std::fill(out.begin(), out.end(), 0.0f);
  for (int y = 0; y < height; ++y) {
    const uint8_t* row = argb.data() + static_cast<size_t>(y) * static_cast<size_t>(width) * 4;
    float* to = out.data() + static_cast<size_t>(y) * static_cast<size_t>(size);
    for (int x = 0; x < width; ++x) {
      to[x] = row[4 * x + 2] * (1 / 255.0f);
      to[plane + static_cast<size_t>(x)] = row[4 * x + 1] * (1 / 255.0f);
      to[2 * plane + static_cast<size_t>(x)] = row[4 * x] * (1 / 255.0f);
    }
  }
}

// The usual chain: the full frame to ARGB, scaled, normalised.
void libyuv_full_convert(benchmark::State& state, libyuv::FilterMode filter) {
  const auto all = make_pictures(PixelFormat::i420);
  const int size = static_cast<int>(state.range(0)), height = size * frame_height / frame_width;
  std::vector<uint8_t> full(size_t{frame_width} * frame_height * 4), small(static_cast<size_t>(size) * size * 4);
  std::vector<float> out(static_cast<size_t>(size) * size * 3);
  size_t i = 0;
  for (auto _ : state) {
    const auto& p = all[i++ % pictures].view.planes;
    libyuv::I420ToARGB(p[0].data, p[0].stride, p[1].data, p[1].stride, p[2].data, p[2].stride, full.data(),
                       frame_width * 4, frame_width, frame_height);
    libyuv::ARGBScale(full.data(), frame_width * 4, frame_width, frame_height, small.data(), size * 4, size, height,
                      filter);
    normalize_argb(small, size, height, size, out);
    benchmark::DoNotOptimize(out.data());
  }
}

// Planes scaled by libyuv, then converted at the small size, then normalised.
void libyuv_planes_first(benchmark::State& state, libyuv::FilterMode filter) {
  const auto all = make_pictures(PixelFormat::i420);
  const int size = static_cast<int>(state.range(0)), height = size * frame_height / frame_width;
  const int half = (size + 1) / 2, half_height = (height + 1) / 2;
  std::vector<uint8_t> y(static_cast<size_t>(size) * size), u(y.size()), v(y.size()), small(y.size() * 4);
  std::vector<float> out(y.size() * 3);
  size_t i = 0;
  for (auto _ : state) {
    const auto& p = all[i++ % pictures].view.planes;
    libyuv::I420Scale(p[0].data, p[0].stride, p[1].data, p[1].stride, p[2].data, p[2].stride, frame_width, frame_height,
                      y.data(), size, u.data(), half, v.data(), half, size, height, filter);
    libyuv::I420ToARGB(y.data(), size, u.data(), half, v.data(), half, small.data(), size * 4, size, height);
    static_cast<void>(half_height);
    normalize_argb(small, size, height, size, out);
    benchmark::DoNotOptimize(out.data());
  }
}

using preprocess::Filter;

BENCHMARK_CAPTURE(ours, i420_bilinear_letterbox, PixelFormat::i420, Filter::bilinear, true)
    ->Arg(320)
    ->Arg(160)
    ->Arg(96);
BENCHMARK_CAPTURE(ours, i420_bilinear_stretched, PixelFormat::i420, Filter::bilinear, false)
    ->Arg(320)
    ->Arg(160)
    ->Arg(96);
BENCHMARK_CAPTURE(ours, i420_nearest_letterbox, PixelFormat::i420, Filter::nearest, true)->Arg(320)->Arg(160)->Arg(96);
BENCHMARK_CAPTURE(ours, i420_area_letterbox, PixelFormat::i420, Filter::area, true)->Arg(320)->Arg(160)->Arg(96);
BENCHMARK_CAPTURE(ours, nv12_bilinear_letterbox, PixelFormat::nv12, Filter::bilinear, true)
    ->Arg(320)
    ->Arg(160)
    ->Arg(96);
BENCHMARK_CAPTURE(ours, rgb_bilinear_letterbox, PixelFormat::rgb, Filter::bilinear, true)->Arg(320);
BENCHMARK_CAPTURE(ours, rgba_bilinear_letterbox, PixelFormat::rgba, Filter::bilinear, true)->Arg(320);
BENCHMARK_CAPTURE(libyuv_full_convert, bilinear_letterbox, libyuv::kFilterBilinear)->Arg(320)->Arg(160)->Arg(96);
BENCHMARK_CAPTURE(libyuv_planes_first, bilinear_letterbox, libyuv::kFilterBilinear)->Arg(320)->Arg(160)->Arg(96);
BENCHMARK_CAPTURE(libyuv_planes_first, box_letterbox, libyuv::kFilterBox)->Arg(320)->Arg(160)->Arg(96);
BENCHMARK_CAPTURE(libyuv_planes_first, nearest_letterbox, libyuv::kFilterNone)->Arg(320);

}  // namespace
}  // namespace es

BENCHMARK_MAIN();
