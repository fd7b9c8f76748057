// SPDX-License-Identifier: Apache-2.0
//
// For the tests of this folder: a deployment folder of one network, what the log says, pictures of one colour.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "config/read.h"
#include "infer/infer.h"
#include "testing/scratch_folder.h"

namespace es::infer {

inline Bytes test_model(const std::string& name) {
  return read_file(std::string(ES_SOURCE_DIR) + "/src/backend/testdata/" + name + ".onnx");
}

// A folder with one model and whatever a test adds.
class TestProject {
 public:
  explicit TestProject(const std::string& model) : model_(model + ".onnx") {
    write_file_atomically(path() / model_, test_model(model));
  }

  std::filesystem::path path() const { return folder_.path(); }
  std::filesystem::path model() const { return path() / model_; }
  std::filesystem::path engine(const std::string& suffix = "_b1_gpu0_fp32.engine") const {
    return model().string() + suffix;
  }
  void write(const std::string& name, std::string_view content) const { write_file_atomically(path() / name, content); }

  // [property] with gie-unique-id, onnx-file and `keys`, then `more`.
  config::InferConfig config(const std::string& keys, const std::string& more = "") const {
    return config_without_model("onnx-file=" + model_ + "\n" + keys, more);
  }
  config::InferConfig config_without_model(const std::string& keys, const std::string& more = "") const {
    return config::parse_infer_config("[property]\ngie-unique-id=1\n" + keys + "\n" + more, path() / "infer.txt",
                                      nullptr);
  }

 private:
  testing::ScratchFolder folder_;
  std::string model_;
};

// Collects the log as "level: message" lines while it lives.
class LogCapture {
 public:
  LogCapture() {
    set_log_sink([this](LogLevel level, const std::string& message) {
      constexpr const char* names[] = {"debug", "info", "warning", "error"};
      const std::lock_guard lock(mutex_);
      if (level >= LogLevel::info) lines_.push_back(std::string(names[static_cast<int>(level)]) + ": " + message);
    });
  }
  ~LogCapture() { set_log_sink({}); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// An RGB picture of one colour, with places to paint others into.
class TestPicture {
 public:
  TestPicture(int width, int height, std::array<uint8_t, 3> color = {0, 0, 0})
      : width_(width), height_(height), pixels_(static_cast<size_t>(width) * static_cast<size_t>(height) * 3) {
    paint({0, 0, width, height}, color);
  }

  TestPicture& paint(PixelRect rect, std::array<uint8_t, 3> color) {
    for (int y = rect.top; y < rect.top + rect.height; ++y) {
      for (int x = rect.left; x < rect.left + rect.width; ++x) {
        for (int k = 0; k < 3; ++k)
          pixels_[static_cast<size_t>((y * width_ + x) * 3 + k)] = color[static_cast<size_t>(k)];
      }
    }
    return *this;
  }

  std::vector<uint8_t>& pixels() { return pixels_; }
  ImageView view() const {
    return {.format = PixelFormat::rgb, .width = width_, .height = height_, .planes = {{{pixels_.data(), width_ * 3}}}};
  }
  Region whole() const { return {.image = view(), .whole_frame = true}; }
  Region part(FrameBox rect) const { return {.image = view(), .rect = rect}; }

 private:
  int width_, height_;
  std::vector<uint8_t> pixels_;
};

}  // namespace es::infer
