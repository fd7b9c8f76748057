// SPDX-License-Identifier: Apache-2.0
//
// What went wrong elsewhere, tried here: one test for each published hole in a reader of models or archives whose
// lesson concerns us. None of the files is anybody's exploit; each is the smallest file of its kind.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "convert/convert.h"
#include "edge_impulse/import.h"
#include "onnx.pb.h"
#include "onnx/onnx.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"
#include "tflite/model.h"
#include "tflite/model_builder.h"
#include "translate/translate.h"

namespace es {
namespace {

namespace fs = std::filesystem;
namespace pb = es_onnx_format;
namespace schema = tflite::schema;
using ::testing::HasSubstr;
using testing::ScratchFolder;
using tflite::testing::ModelBuilder;

Bytes bytes_of(const pb::Model& model) {
  const auto text = model.SerializeAsString();
  return {text.begin(), text.end()};
}

// y = x + c
pb::Model addition() {
  pb::Model model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  auto& graph = *model.mutable_graph();
  graph.set_name("g");
  auto& node = *graph.add_node();
  node.set_op_type("Add");
  node.add_input("x");
  node.add_input("c");
  node.add_output("y");
  for (auto* value : {graph.add_input(), graph.add_output()}) {
    value->set_name(value == &graph.input(0) ? "x" : "y");
    auto& type = *value->mutable_type()->mutable_tensor_type();
    type.set_elem_type(1);
    type.mutable_shape()->add_dim()->set_dim_value(2);
  }
  auto& constant = *graph.add_initializer();
  constant.set_name("c");
  constant.set_data_type(1);
  constant.add_dims(2);
  constant.set_raw_data(std::string(8, '\0'));
  return model;
}

ir::Graph translated(const ModelBuilder& m) {
  const auto bytes = m.build();
  const auto model = tflite::Model::parse(bytes, "m.tflite");
  translate::Notes notes;
  return translate::to_graph(model, {}, notes);
}

ModelBuilder relu() {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.tensor("y", {1, 4});
  m.op(schema::BuiltinOperator_RELU, {0}, {1});
  m.output(1);
  return m;
}

// --- ONNX

// CVE-2022-25882, CVE-2024-27318: weights "beside the model" that lie anywhere on the disk.
TEST(Cve, OnnxWeightsInAnotherFileAreNeverOpened) {
  auto model = addition();
  auto& constant = *model.mutable_graph()->mutable_initializer(0);
  constant.clear_raw_data();
  // data_location, field 14, is EXTERNAL: 1.
  std::string tensor = constant.SerializeAsString() + "\x70\x01";
  ASSERT_TRUE(constant.ParseFromString(tensor));
  EXPECT_ERROR_THAT(onnx::read(bytes_of(model), "m.onnx"), ErrorKind::unsupported, HasSubstr("m.onnx"));
}

// CVE-2026-34445: an attribute or a dimension that asks for all memory there is.
TEST(Cve, OnnxDimensionsBeyondTheirDataAskForNoMemory) {
  auto model = addition();
  auto& constant = *model.mutable_graph()->mutable_initializer(0);
  constant.set_dims(0, int64_t{1} << 60);
  EXPECT_THROW(onnx::read(bytes_of(model), "m.onnx"), Error);
}

// --- TFLite

// CVE-2020-15211, CVE-2020-15212: -1 stands for an absent optional input, and nothing else is negative.
TEST(Cve, TfliteNegativeTensorIndicesAreRefused) {
  for (const int index : {-2, -1000, 2, 1 << 30}) {
    auto m = relu();
    m.op_at(0).inputs = {index};
    const auto bytes = m.build();
    EXPECT_ERROR_THAT(tflite::Model::parse(bytes, "m.tflite"), ErrorKind::malformed, HasSubstr(text("tensor ", index)));
  }
  auto absent = relu();
  absent.op_at(0).inputs = {-1};
  EXPECT_THROW(translated(absent), Error) << "RELU has no optional input";
}

// CVE-2022-23560: sparse weights whose indices lead out of the dense ones.
TEST(Cve, TfliteSparseWeightsAreRefusedUnread) {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.floats("w", {1, 4}, {1, 2, 3, 4});
  m.tensor("y", {1, 4});
  m.tensor_at(1).sparsity = std::make_unique<schema::SparsityParametersT>();
  m.tensor_at(1).sparsity->traversal_order = {0, 1 << 30};
  m.op(schema::BuiltinOperator_ADD, {0, 1}, {2});
  m.output(2);
  EXPECT_ERROR_THAT(translated(m), ErrorKind::unsupported, HasSubstr("sparse"));
}

// CVE-2021-37687: a constant index below zero or beyond the end.
TEST(Cve, TfliteGatherIndicesOutsideTheTensorAreRefused) {
  for (const int32_t index : {-5, 4, 1 << 30}) {
    ModelBuilder m;
    m.input("x", {1, 4});
    m.ints("indices", {index});
    m.tensor("y", {1, 1});
    schema::GatherOptionsT options;
    options.axis = 1;
    m.op(schema::BuiltinOperator_GATHER, {0, 1}, {2}, options);
    m.output(2);
    edge_impulse::Import import;
    import.model = {
        .name = "m", .format = edge_impulse::ModelFormat::tflite, .bytes = m.build(), .found_in = "m.tflite"};
    EXPECT_THROW(convert::convert(import, {}), Error) << index;
  }
}

// CVE-2023-27579: a filter without channels, by which the image's are divided.
TEST(Cve, TfliteFiltersWithoutChannelsDivideNothing) {
  for (const auto code : {schema::BuiltinOperator_CONV_2D, schema::BuiltinOperator_DEPTHWISE_CONV_2D}) {
    ModelBuilder m;
    m.input("x", {1, 4, 4, 3});
    m.floats("w", {1, 3, 3, 0}, {});
    m.tensor("y", {1, 4, 4, 1});
    if (code == schema::BuiltinOperator_CONV_2D) {
      schema::Conv2DOptionsT options;
      options.stride_h = options.stride_w = 1;
      m.op(code, {0, 1}, {2}, options);
    } else {
      schema::DepthwiseConv2DOptionsT options;
      options.stride_h = options.stride_w = 1;
      m.op(code, {0, 1}, {2}, options);
    }
    m.output(2);
    EXPECT_THROW(translated(m), Error);
  }
}

// --- folders and archives

// CVE-2024-5187, CVE-2025-51480: names from a model that become paths to write.
TEST(Cve, NamesFromAnExportNeverLeadOutOfTheFolder) {
  edge_impulse::Import import;
  import.project.name = {"../../../etc/cron.d/evil", "EI_CLASSIFIER_PROJECT_NAME"};
  import.project.labels = {std::vector<std::string>{"../a", "/b\n../c", "d", "e"}, "labels"};
  import.model = {.name = "../x",
                  .format = edge_impulse::ModelFormat::tflite,
                  .bytes = relu().build(),
                  .found_in = "../../m.tflite"};
  const auto result = convert::convert(import, {});
  for (const auto& file : result.files) {
    EXPECT_THAT(file.name, ::testing::Not(HasSubstr(".."))) << file.name;
    EXPECT_FALSE(fs::path(file.name).is_absolute()) << file.name;
  }
  const ScratchFolder scratch;
  StagedFolder folder(scratch.path() / "out", false);
  EXPECT_THROW(folder.add("../escaped", std::string_view("x")), Error);
  EXPECT_THROW(folder.add("/tmp/escaped", std::string_view("x")), Error);
}

// CVE-2026-27489: a link inside an export that points at somebody else's file.
TEST(Cve, LinksInsideAFolderAreNotFollowed) {
  const ScratchFolder scratch;
  const auto outside = scratch.path() / "outside.tflite", folder = scratch.path() / "export";
  write_file_atomically(outside, relu().build());
  fs::create_directories(folder / "tflite-model");
  fs::create_symlink(outside, folder / "tflite-model" / "model.tflite");
  EXPECT_THROW(edge_impulse::open(folder), Error);
}

}  // namespace
}  // namespace es
