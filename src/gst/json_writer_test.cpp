// SPDX-License-Identifier: Apache-2.0
#include "gst/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "gst/meta.h"

namespace es::gst {
namespace {

class JsonLines : public ::testing::Test {
 protected:
  JsonLines() : batch_(nvds_create_batch_meta(2)) {}
  ~JsonLines() override { nvds_destroy_batch_meta(batch_); }

  NvDsFrameMeta& frame(unsigned source, int number) {
    NvDsFrameMeta* frame = nvds_acquire_frame_meta_from_pool(batch_);
    frame->source_id = source;
    frame->frame_num = number;
    frame->buf_pts = 33333333;
    frame->pipeline_width = 640;
    frame->pipeline_height = 480;
    frame->source_frame_width = 1280;
    frame->source_frame_height = 720;
    nvds_add_frame_meta_to_batch(batch_, frame);
    return *frame;
  }

  NvDsBatchMeta* batch_;
};

TEST_F(JsonLines, OneLineAFrame) {
  frame(0, 7);
  frame(1, 3).buf_pts = G_MAXUINT64;
  EXPECT_EQ(json_lines(*batch_),
            R"({"source":0,"frame":7,"pts":33333333,"width":640,"height":480,"source_width":1280,"source_height":720,)"
            R"("inferred":false,"objects":[]})"
            "\n"
            R"({"source":1,"frame":3,"pts":null,"width":640,"height":480,"source_width":1280,"source_height":720,)"
            R"("inferred":false,"objects":[]})"
            "\n");
}

TEST_F(JsonLines, ObjectsWithLabelsAndParents) {
  auto& f = frame(0, 0);
  attach_detections(f, nullptr, std::vector<Detection>{{{0.1f, 20, 30.5f, 40}, 2, 0.9f, 0, "car"}}, {.unique_id = 1});
  auto* car = static_cast<NvDsObjectMeta*>(f.obj_meta_list->data);
  car->object_id = 18446744073709551614u;
  attach_detections(f, car, std::vector<Detection>{{{1, 2, 3, 4}, 0, 0.25f, 0, ""}}, {.unique_id = 3});
  attach_classification(f, car, std::vector<Attribute>{{0, 1, 1 / 3.0f, "red"}}, "red ",
                        {.unique_id = 2, .classifier_type = "colour"});
  f.bInferDone = TRUE;
  const std::string line = json_lines(*batch_);
  EXPECT_EQ(
      line.substr(line.find("\"inferred\"")),
      R"("inferred":true,"objects":[{"component_id":1,"class_id":2,"label":"car","confidence":0.9,)"
      R"("box":{"left":0.1,"top":20.0,"width":30.5,"height":40.0},"object_id":18446744073709551614,"parent":null,)"
      R"("classifiers":[{"component_id":2,"type":"colour","labels":[{"label":"red","class_id":1,"label_id":0,)"
      R"("probability":0.33333334}]}]},{"component_id":3,"class_id":0,"label":"","confidence":0.25,)"
      R"("box":{"left":1.0,"top":2.0,"width":3.0,"height":4.0},"object_id":null,"parent":0,"classifiers":[]}]})"
      "\n");
}

TEST_F(JsonLines, WhatIsNoNumberAndWhatIsNoText) {
  auto& f = frame(0, 0);
  attach_detections(
      f, nullptr,
      std::vector<Detection>{{{NAN, std::numeric_limits<float>::infinity(), 1, 1}, 0, -0.1f, 0, "a\xff\"b\n"}},
      {.unique_id = 1});
  const std::string line = json_lines(*batch_);
  EXPECT_NE(line.find("\"label\":\"a\xEF\xBF\xBD"), std::string::npos) << line;
  EXPECT_NE(line.find(R"(\"b\n")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("left":null,"top":null,)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("confidence":-0.1)"), std::string::npos) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

// ---- docs/detections.schema.json ------------------------------------------------------------------------------------

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

// As much of JSON Schema as that page uses. Adds a line for each thing that does not fit.
void check(const Json& value, const Json& rule, const Json& schema, const std::string& where, std::string& faults) {
  if (rule.contains("$ref")) {
    const std::string name = rule["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
    return check(value, schema["$defs"].at(name), schema, where, faults);
  }
  const Json types = rule["type"].is_array() ? rule["type"] : Json::array({rule["type"]});
  if (std::none_of(types.begin(), types.end(), [&](const Json& type) { return has_type(value, type); })) {
    faults += where + " is of another type\n";
  }
  if (rule.contains("minimum") && value.is_number() && value < rule["minimum"]) faults += where + " is too small\n";
  if (value.is_array()) {
    for (const auto& item : value) check(item, rule["items"], schema, where + "[]", faults);
  }
  if (!value.is_object()) return;
  for (const auto& key : rule["required"]) {
    if (!value.contains(key)) faults += where + " lacks " + key.get<std::string>() + "\n";
  }
  for (const auto& [key, item] : value.items()) {
    if (!rule["properties"].contains(key)) {
      faults += where + " has " + key + "\n";
    } else {
      check(item, rule["properties"][key], schema, where + "." + key, faults);
    }
  }
}

std::string faults_of(const std::string& line) {
  const Json schema = Json::parse(read_text_file(std::string(ES_SOURCE_DIR) + "/docs/detections.schema.json"));
  std::string faults;
  check(Json::parse(line), schema, schema, "frame", faults);
  return faults;
}

TEST_F(JsonLines, AreWhatTheSchemaSays) {
  auto& f = frame(0, 0);
  attach_detections(f, nullptr, std::vector<Detection>{{{1, 2, 3, 4}, 0, NAN, 0.5f, "turned"}}, {.unique_id = 1});
  auto* object = static_cast<NvDsObjectMeta*>(f.obj_meta_list->data);
  attach_detections(f, object, std::vector<Detection>{{{1, 2, 3, 4}, 0, 1, 0, ""}}, {.unique_id = 1});
  object->object_id = 3;
  attach_classification(f, object, std::vector<Attribute>{{0, 1, 0.5f, "red"}}, "red ",
                        {.unique_id = 2, .classifier_type = "colour"});
  attach_classification(f, nullptr, std::vector<Attribute>{{0, 1, 0.5f, "red"}}, "red ", {.unique_id = 2});
  EXPECT_EQ(faults_of(json_lines(*batch_)), "");
  EXPECT_EQ(faults_of(R"({"source":-1,"frame":"0","speed":3})"),
            "frame lacks pts\nframe lacks width\nframe lacks height\nframe lacks source_width\nframe lacks "
            "source_height\nframe lacks inferred\nframe lacks objects\nframe.frame is of another type\nframe.source is "
            "too small\nframe has speed\n");
}

}  // namespace
}  // namespace es::gst
