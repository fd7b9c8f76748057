// SPDX-License-Identifier: Apache-2.0
//
// The statements of nvinfer.md 10.8 and 10.10 that are about metadata, by their numbers.
#include "gst/meta.h"

#include <gst/video/gstvideometa.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numbers>

#include "gst/gst_testing.h"

namespace es::gst {
namespace {

class Meta : public ::testing::Test {
 protected:
  Meta() : buffer_(gst_buffer_new()), batch_(nvds_create_batch_meta(1)) {
    attach_batch_meta(buffer_, batch_);
    frame_ = nvds_acquire_frame_meta_from_pool(batch_);
    frame_->pipeline_width = 640;
    frame_->pipeline_height = 480;
    nvds_add_frame_meta_to_batch(batch_, frame_);
  }
  ~Meta() override { gst_buffer_unref(buffer_); }

  NvDsObjectMeta& attach(const Detection& detection, const AttachSpec& spec = {.unique_id = 4}) {
    attach_detections(*frame_, nullptr, std::vector<Detection>{detection}, spec);
    return *static_cast<NvDsObjectMeta*>(g_list_last(frame_->obj_meta_list)->data);
  }

  GstBuffer* buffer_;
  NvDsBatchMeta* batch_;
  NvDsFrameMeta* frame_ = nullptr;
};

void expect_color(const NvOSD_ColorParams& color, double red, double green, double blue, double alpha) {
  EXPECT_EQ(color.red, red);
  EXPECT_EQ(color.green, green);
  EXPECT_EQ(color.blue, blue);
  EXPECT_EQ(color.alpha, alpha);
}

TEST_F(Meta, Statement147ADetectionsLooks) {
  const auto& object = attach({{50, 100, 20, 30}, 1, 0.75f, 0, "person"});
  EXPECT_EQ(object.object_id, 0xFFFFFFFFFFFFFFFFu);
  EXPECT_EQ(object.unique_component_id, 4);
  EXPECT_EQ(object.class_id, 1);
  EXPECT_EQ(object.confidence, 0.75f);
  EXPECT_STREQ(object.obj_label, "person");
  EXPECT_EQ(object.rect_params.border_width, 3u);
  expect_color(object.rect_params.border_color, 1, 0, 0, 1);
  EXPECT_EQ(object.rect_params.has_bg_color, 0u);
  EXPECT_STREQ(object.text_params.display_text, "person");
  EXPECT_EQ(object.text_params.set_bg_clr, 1);
  expect_color(object.text_params.text_bg_clr, 0, 0, 0, 1);
  EXPECT_STREQ(object.text_params.font_params.font_name, "Serif");
  EXPECT_EQ(object.text_params.font_params.font_size, 11u);
  expect_color(object.text_params.font_params.font_color, 1, 1, 1, 1);
  EXPECT_EQ(object.detector_bbox_info.org_bbox_coords.left, 50);
  EXPECT_EQ(object.detector_bbox_info.org_bbox_coords.height, 30);
  EXPECT_EQ(object.tracker_bbox_info.org_bbox_coords.width, 0);
}

TEST_F(Meta, Statement148ColoursAreTheClasses) {
  std::vector<ClassAttributes> classes(2);
  classes[1].has_bg_color = true;
  classes[1].bg_color = {0, 1, 0, 0.5};
  classes[1].border_color = {0, 0, 1, 1};
  const AttachSpec spec{.unique_id = 1, .class_attributes = classes};
  const auto& first = attach({{0, 0, 5, 5}, 0, 1, 0, ""}, spec);
  EXPECT_EQ(first.rect_params.has_bg_color, 0u);
  const auto& second = attach({{0, 0, 5, 5}, 1, 1, 0, ""}, spec);
  EXPECT_EQ(second.rect_params.has_bg_color, 1u);
  expect_color(second.rect_params.bg_color, 0, 1, 0, 0.5);
  expect_color(second.rect_params.border_color, 0, 0, 1, 1);
  const auto& beyond = attach({{0, 0, 5, 5}, 7, 1, 0, ""}, spec);
  expect_color(beyond.rect_params.border_color, 1, 0, 0, 1);
}

TEST_F(Meta, Statement149TextStandsTenPixelsAboveAndNeverOutside) {
  const auto& object = attach({{50, 100, 20, 30}, 0, 1, 0, "x"});
  EXPECT_EQ(object.text_params.x_offset, 50u);
  EXPECT_EQ(object.text_params.y_offset, 90u);
  const auto& corner = attach({{-3, 4, 20, 30}, 0, 1, 0, "x"});
  EXPECT_EQ(corner.text_params.x_offset, 0u);
  EXPECT_EQ(corner.text_params.y_offset, 0u);
}

TEST_F(Meta, Statement150RotationIsInDegrees) {
  const auto& object = attach({{0, 0, 5, 5}, 0, 1, static_cast<float>(std::numbers::pi / 2), ""});
  EXPECT_NEAR(object.rect_params.rotation_angle, 90, 1e-4);
}

TEST_F(Meta, WithoutALabelThereIsNoText) {
  const auto& object = attach({{0, 0, 5, 5}, 0, 1, 0, ""});
  EXPECT_STREQ(object.obj_label, "");
  EXPECT_EQ(object.text_params.display_text, nullptr);
}

TEST_F(Meta, Statement137LongLabelsAreCut) {
  const std::string label(200, 'x');
  EXPECT_EQ(attach({{0, 0, 5, 5}, 0, 1, 0, label}).obj_label, std::string(127, 'x'));
  attach_classification(*frame_, static_cast<NvDsObjectMeta*>(frame_->obj_meta_list->data),
                        std::vector<Attribute>{{0, 0, 1, label}}, label, {});
  auto* classifier = static_cast<NvDsClassifierMeta*>(
      static_cast<NvDsObjectMeta*>(frame_->obj_meta_list->data)->classifier_meta_list->data);
  EXPECT_EQ(static_cast<NvDsLabelInfo*>(classifier->label_info_list->data)->result_label, std::string(127, 'x'));
}

TEST_F(Meta, Statements131And136AClassifiersAnswers) {
  auto& object = attach({{0, 0, 5, 5}, 0, 1, 0, "Car"});
  attach_classification(*frame_, &object, std::vector<Attribute>{{0, 1, 0.7f, "sedan"}, {1, 2, 0.9f, "red"}},
                        "sedan red ", {.unique_id = 6, .classifier_type = "model"});
  attach_classification(*frame_, &object, std::vector<Attribute>{{0, 0, 1, "x"}}, "x ", {.unique_id = 7});
  ASSERT_EQ(g_list_length(object.classifier_meta_list), 2u);
  auto* first = static_cast<NvDsClassifierMeta*>(object.classifier_meta_list->data);
  EXPECT_EQ(first->unique_component_id, 6);
  EXPECT_STREQ(first->classifier_type, "model");
  EXPECT_EQ(first->num_labels, 2u);
  auto* label = static_cast<NvDsLabelInfo*>(first->label_info_list->next->data);
  EXPECT_EQ(label->label_id, 1u);
  EXPECT_EQ(label->result_class_id, 2u);
  EXPECT_EQ(label->result_prob, 0.9f);
  EXPECT_STREQ(label->result_label, "red");
  EXPECT_EQ(static_cast<NvDsClassifierMeta*>(object.classifier_meta_list->next->data)->classifier_type, nullptr);
}

TEST_F(Meta, Statement134TheLabelIsAppendedToTheText) {
  auto& object = attach({{0, 0, 5, 5}, 0, 1, 0, "Car"});
  attach_classification(*frame_, &object, std::vector<Attribute>{{0, 0, 1, "sedan"}}, "sedan ", {});
  EXPECT_STREQ(object.text_params.display_text, "Car sedan ");
}

TEST_F(Meta, Statement133APrimaryClassifierMakesAnObjectOfTheWholeFrame) {
  attach_classification(*frame_, nullptr, std::vector<Attribute>{{0, 0, 1, "sedan"}}, "sedan ", {.unique_id = 9});
  ASSERT_EQ(frame_->num_obj_meta, 1u);
  const auto& object = *static_cast<NvDsObjectMeta*>(frame_->obj_meta_list->data);
  EXPECT_EQ(object.class_id, -1);
  EXPECT_EQ(object.unique_component_id, 9);
  EXPECT_EQ(object.object_id, UNTRACKED_OBJECT_ID);
  EXPECT_EQ(object.rect_params.width, 640);
  EXPECT_EQ(object.rect_params.height, 480);
  EXPECT_EQ(object.rect_params.border_width, 6u);
  EXPECT_EQ(object.rect_params.has_bg_color, 0u);
  expect_color(object.rect_params.bg_color, 1, 1, 0, 0.4);
  EXPECT_STREQ(object.text_params.display_text, " sedan ");
}

TEST_F(Meta, Statements130And132NothingIsAttachedWithoutAttributesOrLabel) {
  attach_classification(*frame_, nullptr, {}, "sedan ", {});
  attach_classification(*frame_, nullptr, std::vector<Attribute>{{0, 0, 1, ""}}, "", {});
  EXPECT_EQ(frame_->num_obj_meta, 0u);
}

TEST_F(Meta, Statement153TensorsKeepTheirMemoryAndSurviveACopy) {
  auto memory = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
  NvDsInferLayerInfo layer{};
  layer.layerName = "scores";
  layer.inferDims = {1, {3}, 3};
  layer.buffer = memory->data();
  NvDsInferTensorMeta description{};
  description.unique_id = 5;
  attach_tensors(*frame_, nullptr, std::vector<NvDsInferLayerInfo>{layer}, memory, description);
  EXPECT_EQ(memory.use_count(), 2);

  GstBuffer* copy = gst_buffer_copy(buffer_);
  memory.reset();
  gst_buffer_unref(buffer_);
  buffer_ = copy;
  auto* frame = nvds_get_nth_frame_meta(gst_buffer_get_nvds_batch_meta(copy)->frame_meta_list, 0);
  ASSERT_EQ(g_list_length(frame->frame_user_meta_list), 1u);
  auto* user = static_cast<NvDsUserMeta*>(frame->frame_user_meta_list->data);
  EXPECT_EQ(user->base_meta.meta_type, 12);
  auto* tensors = static_cast<NvDsInferTensorMeta*>(user->user_meta_data);
  EXPECT_EQ(tensors->unique_id, 5u);
  ASSERT_EQ(tensors->num_output_layers, 1u);
  EXPECT_STREQ(tensors->output_layers_info[0].layerName, "scores");
  EXPECT_EQ(static_cast<float*>(tensors->out_buf_ptrs_host[0])[2], 3);
  EXPECT_EQ(tensors->out_buf_ptrs_dev, nullptr);
}

std::vector<GstVideoRegionOfInterestMeta*> regions_of(GstBuffer* buffer) {
  std::vector<GstVideoRegionOfInterestMeta*> regions;
  gpointer state = nullptr;
  while (auto* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    regions.push_back(reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta));
  }
  return regions;
}

TEST_F(Meta, ObjectsAreMirroredAsRegionsOnceHoweverOften) {
  auto& object = attach({{50, 100, 20, 30}, 1, 0.75f, 0, "candy"});
  mirror_as_regions(buffer_, batch_);
  attach_classification(*frame_, &object, std::vector<Attribute>{{0, 1, 0.5f, "good"}}, "good ", {.unique_id = 2});
  gst_buffer_add_video_region_of_interest_meta(buffer_, "somebody's", 1, 2, 3, 4);
  mirror_as_regions(buffer_, batch_);

  const auto regions = regions_of(buffer_);
  ASSERT_EQ(regions.size(), 2u);
  const auto ours = std::ranges::find_if(regions, [](auto* region) { return region->x == 50; });
  ASSERT_NE(ours, regions.end());
  EXPECT_EQ((*ours)->h, 30u);
  EXPECT_STREQ(g_quark_to_string((*ours)->roi_type), "candy");
  const GstStructure* detection = gst_video_region_of_interest_meta_get_param(*ours, "detection");
  double confidence = 0;
  ASSERT_TRUE(gst_structure_get_double(detection, "confidence", &confidence));
  EXPECT_EQ(confidence, 0.75);
  const GstStructure* classification = gst_video_region_of_interest_meta_get_param(*ours, "classification");
  ASSERT_NE(classification, nullptr);
  EXPECT_STREQ(gst_structure_get_string(classification, "label"), "good");
}

}  // namespace
}  // namespace es::gst
