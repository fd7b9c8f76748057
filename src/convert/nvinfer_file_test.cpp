// SPDX-License-Identifier: Apache-2.0
//
// What one constant of the export changes in the Gst-nvinfer file, and that it changes nothing else. The keys expected
// are those of NVIDIA's documentation for Gst-nvinfer and the arithmetic y = net-scale-factor * (byte - offset).
#include "convert/nvinfer_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "testing/text_cases.h"

namespace es::convert {
namespace {

using ::testing::HasSubstr;

Recipe classifier() {
  Recipe recipe;
  recipe.name = "candy";
  recipe.display_name = "Candy";
  recipe.head = {Head::classification, "a decoder's name"};
  recipe.width = 96, recipe.height = 64, recipe.channels = 3;
  recipe.color = {ColorMode::rgb, "image config"};
  recipe.scaling = {ImageScaling::zero_to_one, "scaling macro"};
  recipe.resize = {ResizeMode::squash, "resize macro"};
  recipe.labels = {{"broken", "good"}, "categories"};
  recipe.threshold = {0.5f, "threshold macro"};
  recipe.input_name = "x";
  return recipe;
}

using Keys = std::map<std::string, std::string>;  // "group/key"

Keys keys_of(const std::string& file) {
  Keys keys;
  std::string group, line;
  for (std::istringstream in(file); std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      group = line.substr(1, line.size() - 2) + "/";
    } else {
      const size_t equals = line.find('=');
      keys[group + line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return keys;
}

// One line for each key that differs: "- key=old", "+ key=new".
std::string difference(const Recipe& before, const Recipe& after, Stage stage = Stage::primary) {
  const Keys old_keys = keys_of(nvinfer_file(before, stage)), new_keys = keys_of(nvinfer_file(after, stage));
  std::string lines;
  for (const auto& [key, value] : old_keys) {
    if (!new_keys.contains(key) || new_keys.at(key) != value) lines += "- " + key + "=" + value + "\n";
  }
  for (const auto& [key, value] : new_keys) {
    if (!old_keys.contains(key) || old_keys.at(key) != value) lines += "+ " + key + "=" + value + "\n";
  }
  return lines;
}

// "scaling 3", "resize fit-longest", ... as a change of the recipe.
void change(Recipe& recipe, const std::string& line) {
  std::istringstream in(line);
  std::string what, value;
  in >> what >> value;
  if (what == "scaling") recipe.scaling.value = static_cast<ImageScaling>(std::stoi(value));
  if (what == "resize") recipe.resize.value = *edge_impulse::resize_mode_from(value);
  if (what == "threshold") recipe.threshold.value = std::stof(value);
  if (what == "gray") {
    recipe.color.value = ColorMode::grayscale;
    recipe.gray_input = value == "luma" ? GrayInput::luma : GrayInput::exact;
    recipe.channels = value == "luma" ? 1 : 3;  // exact gray is computed in the graph from three channels
  }
  if (what == "labels") recipe.labels.value.assign(static_cast<size_t>(std::stoi(value)), "l");
  if (what == "size") recipe.width = recipe.height = std::stoi(value);
  if (what == "interpolation") recipe.interpolation = Interpolation::bilinear;
  if (what == "fixed-batch") recipe.dynamic_batch = false;
  if (what == "head") {
    recipe.head.value = *edge_impulse::head_from(value);
    recipe.parser_name = facts_of(recipe.head.value).parser_name;
  }
}

TEST(NvinferFile, OneConstantChangesExactlyItsKeys) {
  testing::run_text_cases(ES_TEST_DATA "/one_constant.test", [](const std::string& input) {
    Recipe before = classifier(), after = classifier();
    Stage stage = Stage::primary;
    std::istringstream in(input);
    for (std::string line; std::getline(in, line);) {
      if (line == "on fomo") {
        change(before, "head fomo");
        change(after, "head fomo");
      } else if (line == "as secondary") {
        stage = Stage::secondary;
      } else {
        change(after, line);
      }
    }
    return difference(before, after, stage);
  });
}

TEST(NvinferFile, EveryDerivedKeyHasTheConstantAboveIt) {
  const std::string file = nvinfer_file(classifier(), Stage::primary);
  for (const char* pair :
       {"# colour: image config\nmodel-color-format=0\n",
        "# pixels 0..1: scaling macro\nnet-scale-factor=0.00392156862745098\n",
        "# squash: resize macro\nmaintain-aspect-ratio=0\n", "# labels: categories\nlabelfile-path=labels.txt\n",
        "# threshold: threshold macro\nclassifier-threshold=0.5\n",
        "# classifier: a decoder's name\nnetwork-type=1\n"}) {
    EXPECT_THAT(file, HasSubstr(pair));
  }
}

TEST(NvinferFile, NoValueIsFollowedByAComment) {
  for (const Stage stage : {Stage::primary, Stage::secondary}) {
    for (const auto& [key, value] : keys_of(nvinfer_file(classifier(), stage))) {
      EXPECT_EQ(value.find_first_of(" #"), std::string::npos) << key << "=" << value;
    }
  }
}

TEST(NvinferFile, TheEngineIsNamedAsNvinferNamesIt) {
  EXPECT_EQ(engine_file_name(classifier(), Stage::primary), "candy.onnx_b1_gpu0_fp32.engine");
  EXPECT_EQ(engine_file_name(classifier(), Stage::secondary), "candy.onnx_b8_gpu0_fp32.engine");
}

}  // namespace
}  // namespace es::convert
