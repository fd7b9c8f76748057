// SPDX-License-Identifier: Apache-2.0
#include "backend/engine_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/file.h"
#include "base/hash.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::backend {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

EngineHeader header() {
  return {.model_name = "candy.onnx",
          .requested_precision = "fp16",
          .precision = "fp32",
          .provider = "cpu",
          .runtime = "ONNX Runtime 1.29.0",
          .cpu = "x86-64 avx2",
          .built_at = 1700000000,
          .profiles = {{"images", {1, 3, 320, 320}, {4, 3, 320, 320}, {8, 3, 320, 320}}}};
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

Bytes small_engine() {
  const Bytes model = bytes("the model"), optimised = bytes("the optimised model");
  return write_engine({header(), model, optimised});
}

TEST(EngineFile, GivesBackWhatWasWritten) {
  const Bytes file = small_engine();
  const EngineView engine = read_engine(file, "e.engine");
  EngineHeader expected = header();
  expected.model_sha256 = sha256(bytes("the model"));
  EXPECT_EQ(engine.header, expected);
  EXPECT_EQ(as_text(engine.model), "the model");
  EXPECT_EQ(as_text(engine.optimised), "the optimised model");
}

// docs/engine-format.md, byte by byte: another program must be able to write this file.
TEST(EngineFile, HasTheBytesThatTheDocumentDraws) {
  const Bytes model = bytes("M"), optimised = bytes("OO");
  const Bytes file = write_engine({{.model_name = "m",
                                    .requested_precision = "fp32",
                                    .precision = "fp32",
                                    .provider = "cpu",
                                    .runtime = "r",
                                    .cpu = "c",
                                    .built_at = 258,
                                    .profiles = {{"x", {1}, {2}, {3}}}},
                                   model,
                                   optimised});
  std::string body;
  const auto number = [&](uint64_t value, int size) {
    for (int i = 0; i < size; ++i) body += static_cast<char>(value >> (8 * i));
  };
  const auto text_field = [&](std::string_view value) {
    number(value.size(), 4);
    body += value;
  };
  number(1, 4);
  number(1, 8);
  number(2, 8);
  // The SHA-256 of the letter M, from coreutils' sha256sum.
  for (const auto field :
       {"m", "08f271887ce94707da822d5263bae19d5519cb3614e0daedc4c7ce5dab7473f1", "fp32", "fp32", "cpu", "r", "c"}) {
    text_field(field);
  }
  number(258, 8);
  number(1, 4);
  text_field("x");
  for (const uint64_t dim : {1, 2, 3}) {
    number(1, 4);
    number(dim, 8);
  }
  body += "MOO";
  EXPECT_EQ(as_text(file),
            "\x93"
            "ESENG\r\n" +
                sha256(as_bytes_view(body)) + body);
}

TEST(EngineFile, CutAnywhereItIsRefused) {
  const Bytes file = small_engine();
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_THROW(read_engine(BytesView(file).first(length), "e"), Error) << length;
  }
}

TEST(EngineFile, EveryChangedByteIsNoticed) {
  Bytes file = small_engine();
  for (size_t at = 0; at < file.size(); ++at) {
    file[at] ^= 0x40;
    EXPECT_THROW(read_engine(file, "e"), Error) << at;
    file[at] ^= 0x40;
  }
  EXPECT_NO_THROW(read_engine(file, "e"));
}

// Puts the right hash over a body that was tampered with.
Bytes sealed(Bytes file) {
  const std::string hash = sha256(BytesView(file).subspan(72));
  std::copy(hash.begin(), hash.end(), file.begin() + 8);
  return file;
}

TEST(EngineFile, ARightHashDoesNotExcuseWrongContent) {
  Bytes longer = small_engine();
  longer.push_back('x');
  EXPECT_ERROR(read_engine(sealed(longer), "e"), ErrorKind::malformed,
               "e: is damaged: states 9 and 19 bytes of models, 29 follow");

  Bytes other_model = small_engine();
  other_model[other_model.size() - 20] ^= 1;  // the last byte of the model
  EXPECT_ERROR(read_engine(sealed(other_model), "e"), ErrorKind::malformed,
               "e: is damaged: the model inside does not have the SHA-256 that its header states");

  Bytes long_text = small_engine();
  long_text[72 + 20 + 3] = 0xff;  // the length of the first text
  EXPECT_ERROR(read_engine(sealed(long_text), "e"), ErrorKind::malformed,
               "e: is damaged: the length of a text is 4278190090, at most 65536 is possible");

  Bytes newer = small_engine();
  newer[72] = 2;
  EXPECT_ERROR(read_engine(sealed(newer), "e"), ErrorKind::unsupported,
               "e: has format version 2, this program reads version 1; delete the file and it will be built anew");
}

TEST(EngineFile, SaysWhatIsWrong) {
  Bytes file = small_engine();
  file.pop_back();
  EXPECT_ERROR(read_engine(file, "e"), ErrorKind::malformed,
               "e: is torn or was changed: its content does not have the SHA-256 that it states");
  EXPECT_ERROR(read_engine(BytesView(file).first(40), "e"), ErrorKind::malformed,
               "e: is torn: 40 bytes, its header alone has more");
}

TEST(EngineKind, KnowsPlansModelsAndOurOwn) {
  const auto kind = [](std::string_view text) { return engine_kind(as_bytes_view(text)); };
  EXPECT_EQ(engine_kind(small_engine()), EngineKind::ours);
  EXPECT_EQ(engine_kind(BytesView(small_engine()).first(3)), EngineKind::ours);
  EXPECT_EQ(kind(""), EngineKind::empty);
  EXPECT_EQ(kind("ftrt\xe8\0\0\0"), EngineKind::tensorrt_plan);
  EXPECT_EQ(kind("ptrt"), EngineKind::tensorrt_plan);
  EXPECT_EQ(kind(std::string_view("\x02\0\0\0{}ftrt....", 14)), EngineKind::tensorrt_plan);
  EXPECT_EQ(kind(std::string_view("\xff\0\0\0{}ftrt....", 14)), EngineKind::foreign);
  EXPECT_EQ(engine_kind(read_file(std::string(ES_TEST_DATA) + "/colors.onnx")), EngineKind::onnx);
  EXPECT_EQ(kind("<html>"), EngineKind::foreign);
}

// --- A crash while writing -----------------------------------------------------------------------------------------

Bytes engine_of(char letter, size_t size) {
  const Bytes model(size, static_cast<uint8_t>(letter));
  return write_engine({header(), model, {}});
}

// A process that is killed at any moment of replacing an engine leaves the old or the new one. The child tells how far
// it came by nothing but the file: kills are spread over the time that a write takes, and go on on a slow disk until
// both outcomes were seen.
TEST(EngineFile, KilledWhileItIsReplacedItIsTheOldOrTheNew) {
  const testing::ScratchFolder folder;
  const auto path = folder.path() / "m.engine";
  const Bytes before = engine_of('a', 3 << 20), after = engine_of('b', 3 << 20);
  int old_ones = 0, new_ones = 0;
  for (useconds_t delay = 0; delay < 20000 || (new_ones == 0 && delay < 2000000); delay += 500) {
    write_file_atomically(path, before);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (;;) write_file_atomically(path, after);
    }
    ::usleep(delay);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const Bytes found = read_file(path);
    const EngineView engine = read_engine(found, path.string());
    ASSERT_EQ(engine.model.size(), size_t{3} << 20);
    ++(engine.model[0] == 'a' ? old_ones : new_ones);
  }
  EXPECT_GT(old_ones, 0);
  EXPECT_GT(new_ones, 0);
}

}  // namespace
}  // namespace es::backend
