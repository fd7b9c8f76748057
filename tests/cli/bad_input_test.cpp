// SPDX-License-Identifier: Apache-2.0
//
// A user's mistakes and hostile files, on the programs as they are started: an exit code by docs/exit-codes.md, one
// line that says where, what was found and what to do, and nothing left behind. That every kind of export has a
// sentence of its own is src/edge_impulse/refusals_test.cpp's business.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "edge_impulse/fixtures.h"
#include "testing/command.h"
#include "testing/scratch_folder.h"

namespace es::testing {
namespace {

namespace fs = std::filesystem;
namespace fixtures = edge_impulse::fixtures;
using ::testing::HasSubstr;

const std::string candy = ES_SOURCE_DIR "/examples/candy/";

std::string piece_of(const std::string& file, size_t bytes) {
  const auto content = read_file(candy + file);
  return std::string(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(std::min(bytes, content.size())));
}

struct Row {
  std::string words;  // after the program's name, relative to the scratch folder
  int code;
  std::string found;   // what the line must say was wrong
  std::string remedy;  // and what it must say to do or to need
};

// Lines, without those that quote a line of a file and point into it.
int sentences_in(const std::string& err) {
  const auto lines = split(std::string(trim(err)), '\n');
  return static_cast<int>(std::ranges::count_if(lines, [](const auto& line) { return !line.starts_with("    "); }));
}

class BadInput : public ::testing::Test {
 protected:
  void put(const std::string& name, std::string_view content) { fixtures::write_file(scratch_.path() / name, content); }

  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path())) names.push_back(entry.path());
    std::ranges::sort(names);
    return names;
  }

  void expect(const Row& row) { expect_of({ES_EDGESTREAM}, row); }

  void expect_of(std::vector<std::string> program, const Row& row) {
    SCOPED_TRACE(row.words);
    for (const auto& word : split(row.words, ' ')) {
      if (!word.empty()) program.push_back(word);
    }
    const auto before = listing();
    const auto result = run_command(program, {.folder = scratch_.path()});
    EXPECT_EQ(result.code, row.code) << result.err;
    EXPECT_EQ(sentences_in(result.err), 1) << result.err;
    EXPECT_TRUE(result.err.starts_with("error: ")) << result.err;
    EXPECT_THAT(result.err, HasSubstr(row.found));
    EXPECT_THAT(result.err, HasSubstr(row.remedy));
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(listing(), before);
  }

  ScratchFolder scratch_;
};

TEST_F(BadInput, OfConvert) {
  fs::create_directory(scratch_.path() / "nothing");
  put("full/keep.txt", "x");
  put("empty.tflite", "");
  put("cut.lite", piece_of("ei-candy-fomo-object-detection-tensorflow-lite-float32-model.3.lite", 3000));
  put("cut.onnx", piece_of("candy-detector.onnx", 30000));
  put("cut.zip", piece_of("ei-candy-fomo-arduino-1.0.1.zip", 20000));
  put("text.tflite", "hello");
  put("picture.onnx", std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  put("pointer.tflite", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 725192\n");
  put("array.h", "const unsigned char m[] = {};\nunsigned int m_len = 0;\n");
  put("program.eim",
      "\x7f"
      "ELF\x02\x01");
  put("saved/saved_model.pb", "\x08\x01");
  put("keras.h5", "\x89HDF\r\n\x1a\n");
  put("plan.engine", "ftrt\x01\x02");
  put("leaving.zip", fixtures::zip_of(fixtures::Files{{"../../out.tflite", "x"}}));
  put("absolute.zip", fixtures::zip_of(fixtures::Files{{"/tmp/out.tflite", "x"}}));
  put("eon.cpp",
      "constexpr int kTensorArenaSize = 1;\nenum used_operators_e { OP_CONV_2D };\n"
      "const uint8_t tensor_data0[2] = { 1, 2 };\n");
  put("several/model-parameters/model_metadata.h",
      "#define EI_CLASSIFIER_INFERENCING_ENGINE EI_CLASSIFIER_NONE\n#define EI_CLASSIFIER_HAS_ANOMALY 1\n"
      "#define EI_CLASSIFIER_LABEL_COUNT 0\n");
  const std::string fomo = candy + "ei-candy-fomo-arduino-1.0.1.zip", detector = candy + "candy-detector.onnx";
  const Row rows[] = {
      {"convert none.zip -o out", 3, "none.zip: is not there", "give an export"},
      {"convert nothing -o out", 4, "none of its 0 files", "give the zip"},
      {"convert empty.tflite -o out", 4, "is empty", "download it again"},
      {"convert cut.lite -o out", 4, "an offset or a length in it leads astray", "take a fresh copy"},
      {"convert cut.onnx -o out", 4, "does not parse as an ONNX model", "damaged or of another kind"},
      {"convert cut.zip -o out", 4, "directory cannot be read", "download it again"},
      {"convert text.tflite -o out", 4, "no array of bytes is in it", "give the header"},
      {"convert picture.onnx -o out", 4, "89 50 4e 47", "give the zip"},
      {"convert pointer.tflite -o out", 5, "Git LFS pointer", "git lfs pull"},
      {"convert array.h -o out", 5, "the array 'm' is empty", "TensorFlow Lite (float32)"},
      {"convert program.eim -o out", 5, "is an .eim", "EON Compiler off"},
      {"convert saved -o out", 5, "TensorFlow SavedModel", "Dashboard"},
      {"convert keras.h5 -o out", 5, "Keras model", "Dashboard"},
      {"convert plan.engine -o out", 5, "TensorRT plan", "give the model it was built from"},
      {"convert leaving.zip -o out", 4, "'../../out.tflite' leads outside", "a name inside the archive is needed"},
      {"convert absolute.zip -o out", 4, "'/tmp/out.tflite' is absolute", "a name inside the archive is needed"},
      {"convert eon.cpp -o out", 5, "EON Compiler", "switch the EON Compiler off"},
      {"convert several -o out", 5, "K-means anomaly detection alone", "add a neural learning block"},
      {"convert " + fomo + " -o full", 2, "is not empty", "--force"},
      {"convert " + fomo + " -o text.tflite", 2, "is a file", "give another name"},
      {"convert " + fomo + " -o text.tflite --force", 2, "is a file", "give another name"},
      {"convert " + fomo + " -o text.tflite/out", 7, "text.tflite", "cannot be made"},
      {"convert", 2, "EXPORT is required", "--help"},
      {"convert a b c", 2, "not expected", "--help"},
      {"convert " + detector + " -o out --labels a,b --head yolov5", 6, "2 labels", "--labels"},
      {"convert " + detector + " -o out --head dragon", 2, "'dragon'", "yolov5"},
      {"convert " + detector + " -o out --scaling 9", 2, "'9'", "0..1"},
      {"convert " + fomo + " -o out --source-aspect wide", 2, "'wide'", "16:9"},
      {"convert " + fomo + " -o out --source-aspect 9:0", 2, "'9:0'", "16:9"},
      {"convert " + fomo + " -o out --target toaster", 2, "'toaster'", "TensorRT release (8.5)"},
      {"convert " + fomo + " -o out --target trt7.1", 5, "needs TensorRT 7.2", "--target is TensorRT 7.1"},
      {"convert " + fomo + " -o out --quant int4", 2, "--quant", "--help"},
      {"inspect none.zip", 3, "none.zip: is not there", "give an export"},
      {"inspect keras.h5", 5, "Keras model", "Dashboard"},
      {"verify " + fomo + " nothing", 2, "holds 0 .onnx files", "name the file itself"},
      {"verify " + fomo + " " + detector, 6, "input", "the source's is"},
      {"verify " + fomo + " none.onnx", 3, "none.onnx: No such file", ""},
      {"verify " + fomo + " --inputs 0", 2, "--inputs", "--help"},
      {"completion csh", 2, "csh", "bash"},
      {"convert " + detector + " -o out --threshold 7", 2, "--threshold", "0.000000 to 1.000000"},
      {"extract text.tflite -o x", 4, "no array of bytes", "give the header"},
      {"extract none -o x", 3, "is not there", "give an export"},
      {"tf2onnx --tflite picture.onnx --output x.onnx", 4, "another kind of file", "TFL3"},
      {"tf2onnx --tflite none --output x.onnx", 3, "none: No such file", ""},
      {"tf2onnx --output x.onnx", 2, "--tflite is required", "--help"},
      {"frobnicate", 2, "no command 'frobnicate'", "--help"},
  };
  for (const auto& row : rows) expect(row);
}

TEST_F(BadInput, OfRun) {
  fs::create_directory(scratch_.path() / "nothing");
  ASSERT_EQ(run_command({ES_EDGESTREAM, "convert", "--no-verify", candy + "ei-candy-fomo-arduino-1.0.1.zip", "-o",
                         scratch_.path() / "fomo"})
                .code,
            0);
  const auto clip = candy + "clip.mp4";
  put("zero.txt", std::string_view("\x00\x01[source0]", 11));
  put("words.txt", "these are no groups\n");
  put("text.mp4", "this is no video\n");
  put("line.txt", "[source0]\nenable=1\ntype=2\nuri=file://" + clip + "\n[streammux]\nwidth=wide\nheight=64\n");
  put("sizeless.txt", "[source0]\nenable=1\ntype=2\nuri=file://" + clip + "\n");
  put("sourceless.txt", "[streammux]\nwidth=64\nheight=64\n");
  const Row rows[] = {
      {"run none.txt", 3, "none.txt: No such file", ""},
      {"run nothing " + clip, 3, "holds no config_infer_primary_*.txt", "edgestream convert"},
      {"run zero.txt", 4, "zero byte", "key=value"},
      {"run words.txt", 4, "words.txt", "group"},
      {"run line.txt", 4, "line.txt:6", "width"},
      {"run sizeless.txt", 4, "no width and height", "needed"},
      {"run sourceless.txt", 4, "no source is enabled", "[source0]"},
      {"run fomo", 2, "is a deployment folder", "edgestream run fomo VIDEO"},
      {"run fomo text.mp4", 4, "nothing in it can be decoded", ""},
      {"run fomo none.mp4", 3, "none.mp4: No such file", ""},
      {"run fomo /dev/video99", 7, "/dev/video99", ""},
      {"run fomo " + clip + " --output film.xyz", 2, "film.xyz", ".mp4 or .mkv"},
      {"run fomo " + clip + " --threshold much", 2, "--threshold", ""},
  };
  for (const auto& row : rows) expect(row);
}

// What only the running pipeline finds keeps its class.
TEST_F(BadInput, OfElements) {
  put("infer.txt", "[property]\nonnx-file=none.onnx\nnetwork-type=0\nnum-detected-classes=1\ngie-unique-id=1\n");
  put("broken.onnx", "no model");
  put("broken.txt", "[property]\nonnx-file=broken.onnx\nnetwork-type=0\nnum-detected-classes=1\ngie-unique-id=1\n");
  put("odd.txt", "[property]\nonnx-file=none.onnx\nnetwork-mode=17\ngie-unique-id=1\n");
  const auto app = [&](const std::string& infer) {
    return "[source0]\nenable=1\ntype=2\nuri=file://" + candy +
           "clip.mp4\n[streammux]\nwidth=64\nheight=64\n[primary-gie]\nenable=1\nconfig-file=" + infer + "\n";
  };
  put("1.txt", app("infer.txt")), put("2.txt", app("broken.txt")), put("3.txt", app("odd.txt"));
  const auto run = [&](const std::string& file) {
    return run_command({ES_EDGESTREAM, "run", file}, {.folder = scratch_.path()});
  };
  const auto missing = run("1.txt");
  EXPECT_EQ(missing.code, 3) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("none.onnx: No such file or directory"));
  EXPECT_THAT(missing.err, HasSubstr("[Failed to create NvDsInferContext instance]"));
  const auto broken = run("2.txt");
  EXPECT_EQ(broken.code, 4) << broken.err;
  EXPECT_THAT(broken.err, HasSubstr("broken.onnx"));
  EXPECT_THAT(broken.err, HasSubstr("take a fresh copy"));
  const auto odd = run("3.txt");
  EXPECT_EQ(odd.code, 4) << odd.err;
  EXPECT_THAT(odd.err, HasSubstr("odd.txt:3"));
}

TEST_F(BadInput, OfTrtexec) {
  fs::create_symlink(ES_EDGESTREAM, scratch_.path() / "trtexec");
  put("text.onnx", "hello");
  put("plan.engine", "ftrt\x01\x02");
  const std::string detector = candy + "candy-detector.onnx";
  const Row rows[] = {
      {"", 1, "no model is named", "--onnx=MODEL"},
      {"--onnx=none.onnx --saveEngine=x.engine", 1, "none.onnx: No such file", ""},
      {"--onnx=text.onnx --saveEngine=x.engine", 1, "text.onnx: ONNX Runtime refuses this model", "take a fresh copy"},
      {"--onnx=" + detector + " --minShapes=images:4x3x320x320 --maxShapes=images:1x3x320x320", 1,
       "each must not be above the next", "input 'images'"},
      {"--loadEngine=plan.engine", 1, "is a TensorRT plan", "--onnx=MODEL"},
      {"--loadEngine=text.onnx", 1, "is no engine of EdgeStream", "--onnx=MODEL"},
      {"--frobnicate", 1, "--frobnicate", "--help"},
  };
  for (const auto& row : rows) expect_of({(scratch_.path() / "trtexec").string()}, row);
}

}  // namespace
}  // namespace es::testing
