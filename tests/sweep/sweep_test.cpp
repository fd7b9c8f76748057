// SPDX-License-Identifier: Apache-2.0
//
// Damaged models through the whole program: bits turned, bytes overwritten, ends cut off. Every run must end by itself
// with an exit code that means something, in bounded memory, and leave either a whole folder or none.
//
// ES_SWEEP: how many damaged models (500 without it; scripts/nightly takes 5000). The seed is fixed, so that the number
// a failure names is the same damage again; ES_SWEEP_SEED takes another.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/file.h"
#include "testing/recorded_cases.h"
#include "testing/scratch_folder.h"

namespace es::testing {
namespace {

namespace fs = std::filesystem;

constexpr long most_kilobytes = 512 * 1024;
constexpr unsigned hung_seconds = 60;  // a guard against hanging, not a measurement

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

size_t number_from(const char* variable, size_t otherwise) {
  const char* words = std::getenv(variable);
  return words == nullptr ? otherwise : std::strtoul(words, nullptr, 10);
}

// At least twenty small sound models, of every family of operators, and an ONNX file.
std::vector<std::pair<std::string, Bytes>> sound_models() {
  std::vector<std::pair<std::string, Bytes>> models;
  for (const auto* family : {"batch_space", "conv", "dense", "detection", "elementwise", "fill", "index", "integers",
                             "join", "normalize", "pad", "pool", "quantize", "reduce", "resize", "shape", "slice"}) {
    models.emplace_back(text(family, ".tflite"), read_cases(family)[0].model);
  }
  for (const auto& recorded : read_cases("models")) models.emplace_back(recorded.name + ".tflite", recorded.model);
  for (const auto* name : {"source.tflite", "source.onnx"}) {
    models.emplace_back(name, read_file(fs::path(ES_SOURCE_DIR "/tests/mutants") / name));
  }
  return models;
}

Bytes damaged(Bytes bytes, std::mt19937_64& random) {
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % std::max<size_t>(limit, 1)); };
  switch (random() % 4) {
    case 0:  // an end that is missing
      bytes.resize(below(bytes.size()));
      break;
    case 1:  // a few turned bits
      for (size_t i = 0; i <= below(8); ++i) bytes[below(bytes.size())] ^= static_cast<uint8_t>(1u << random() % 8);
      break;
    case 2:  // a number replaced by an extreme one
      for (size_t at = below(bytes.size()) & ~size_t{3}, i = 0; i < 4 && at + i < bytes.size(); ++i) {
        bytes[at + i] = static_cast<uint8_t>(random() % 2 == 0 ? 0xff : 0);
      }
      break;
    default:  // a part copied over another
      for (size_t from = below(bytes.size()), to = below(bytes.size()), i = 0; i < 16; ++i) {
        if (from + i < bytes.size() && to + i < bytes.size()) bytes[to + i] = bytes[from + i];
      }
  }
  return bytes;
}

struct Ended {
  bool by_itself = false;
  int code = 0;  // or the signal
  long kilobytes = 0;
};

Ended run_convert(const fs::path& model, const fs::path& folder) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(hung_seconds);
    if (std::freopen("/dev/null", "w", stdout) == nullptr || std::freopen("/dev/null", "w", stderr) == nullptr)
      _exit(99);
    execl(ES_PROGRAM, ES_PROGRAM, "convert", model.c_str(), "-o", folder.c_str(), static_cast<char*>(nullptr));
    _exit(98);
  }
  int status = 0;
  struct rusage usage {};
  wait4(child, &status, 0, &usage);
  return {WIFEXITED(status), WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), usage.ru_maxrss};
}

TEST(Sweep, DamagedModelsEndInAnExitCodeAndLeaveNoPartOfAFolder) {
  const auto models = sound_models();
  ASSERT_GE(models.size(), 20u);
  const ScratchFolder scratch;
  std::mt19937_64 random(number_from("ES_SWEEP_SEED", 20260701));
  const size_t count = number_from("ES_SWEEP", is_sanitized() ? 60 : 500);
  size_t converted = 0, refused = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto& [name, sound] = models[i % models.size()];
    SCOPED_TRACE(text("damage ", i, " of ", name));
    const fs::path model = scratch.path() / name, folder = scratch.path() / "out";
    write_file_atomically(model, damaged(sound, random));
    fs::remove_all(folder);
    const auto ended = run_convert(model, folder);
    const bool is_sound_end = ended.by_itself && (ended.code == 0 || (ended.code >= 2 && ended.code <= 6));
    if (!is_sound_end) {
      const auto kept = fs::temp_directory_path() / text("damage-", i, "-", name);
      fs::copy_file(model, kept, fs::copy_options::overwrite_existing);
      ADD_FAILURE() << "kept as " << kept;
    }
    ASSERT_TRUE(ended.by_itself) << "signal " << ended.code;
    // 1 is a defect of ours, 7 a machine that lacks something.
    ASSERT_TRUE(ended.code == 0 || (ended.code >= 2 && ended.code <= 6)) << "exit code " << ended.code;
    if (!is_sanitized()) {
      ASSERT_LE(ended.kilobytes, most_kilobytes);
    }
    ASSERT_EQ(fs::exists(folder / "README.md"), ended.code == 0);
    ASSERT_EQ(fs::exists(folder), ended.code == 0);
    ended.code == 0 ? ++converted : ++refused;
  }
  // Both ends must have been seen, or the damage is not of the kind that tests anything.
  EXPECT_GT(converted, 0u);
  EXPECT_GT(refused, count / 10);
  RecordProperty("converted", static_cast<int>(converted));
}

}  // namespace
}  // namespace es::testing
