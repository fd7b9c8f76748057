// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/metadata.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "testing/matchers.h"
#include "testing/text_cases.h"

namespace es::edge_impulse {
namespace {

// "== name" starts a header.
std::vector<HeaderText> split_headers(const std::string& input) {
  std::vector<HeaderText> headers;
  for (const auto& line : split(input, '\n')) {
    if (line.starts_with("== ")) {
      headers.push_back({line.substr(3), ""});
    } else if (!headers.empty()) {
      headers.back().text += line + "\n";
    }
  }
  return headers;
}

std::string describe(const Impulse& impulse) {
  std::string out = text("impulse '", impulse.key, "'", impulse.is_default ? " (default)" : "", "\n");
  if (!impulse.model_symbol.empty()) out += text("  runs ", impulse.model_symbol, "\n");
  if (impulse.eon_sign) out += text("  EON: ", *impulse.eon_sign, "\n");
  for (const auto& name : impulse.other_networks) out += text("  also ", name, "\n");
  for (const auto& fact : fact_lines(impulse.project)) {
    out += text("  ", fact.name, " = ", fact.value, "  <", fact.source, ">\n");
  }
  for (const auto& warning : impulse.warnings) out += text("  warning: ", warning, "\n");
  return out;
}

TEST(Metadata, ReadsEveryGeneration) {
  testing::run_text_cases(ES_TEST_DATA "/metadata.test", [](const std::string& input) {
    std::string out;
    for (const auto& impulse : read_impulses(split_headers(input))) out += describe(impulse);
    return out;
  });
}

// A generated header with one thing changed, and nothing else read differently.
std::string classifier_with(const std::string& resize, const std::string& scaling, const std::string& channels) {
  const int features = channels == "RGB" ? 27648 : 9216;
  return text("#define EI_CLASSIFIER_INPUT_WIDTH 96\n#define EI_CLASSIFIER_INPUT_HEIGHT 96\n",
              "#define EI_CLASSIFIER_NN_INPUT_FRAME_SIZE ", features, "\n#define EI_CLASSIFIER_RESIZE_MODE ", resize,
              "\ntypedef struct { const char *channels; } ei_dsp_config_image_t;\n",
              "ei_dsp_config_image_t ei_dsp_config_2 = { \"", channels, "\" };\n",
              "const ei_learning_block_t ei_learning_blocks[1] = { { &run_nn_inference, (void*)&c, ", scaling,
              " } };\n");
}

Project project_of(const std::string& header) { return read_impulses({{"model_metadata.h", header}}).front().project; }

TEST(Metadata, KnowsEveryScalingResizeModeAndColour) {
  const std::pair<std::string, ImageScaling> scalings[] = {
      {"NONE", ImageScaling::zero_to_one},
      {"0_255", ImageScaling::zero_to_255},
      {"TORCH", ImageScaling::torch},
      {"MIN1_1", ImageScaling::minus1_to_1},
      {"MIN128_127", ImageScaling::minus128_to_127},
      {"BGR_SUBTRACT_IMAGENET_MEAN", ImageScaling::bgr_minus_mean},
  };
  const std::pair<std::string, ResizeMode> modes[] = {{"NONE", ResizeMode::none},
                                                      {"FIT_SHORTEST", ResizeMode::fit_shortest},
                                                      {"FIT_LONGEST", ResizeMode::fit_longest},
                                                      {"SQUASH", ResizeMode::squash}};
  for (const auto& [scaling, scaling_value] : scalings) {
    for (const auto& [mode, mode_value] : modes) {
      for (const std::string channels : {"RGB", "Grayscale"}) {
        const auto p = project_of(
            classifier_with("EI_CLASSIFIER_RESIZE_" + mode, "EI_CLASSIFIER_IMAGE_SCALING_" + scaling, channels));
        EXPECT_EQ(*p.image_scaling, scaling_value);
        EXPECT_EQ(*p.resize_mode, mode_value);
        EXPECT_EQ(*p.color, channels == "RGB" ? ColorMode::rgb : ColorMode::grayscale);
      }
    }
  }
}

TEST(Metadata, TellsTheHeadByEveryDecoder) {
  const std::pair<std::string, Head> decoders[] = {
      {"process_classification_f32", Head::classification},
      {"process_classification_i8", Head::classification},
      {"process_classification_u8", Head::classification},
      {"process_fomo_f32", Head::fomo},
      {"process_fomo_i8", Head::fomo},
      {"process_ssd_f32", Head::ssd},
      {"process_yolov5_f32", Head::yolov5},
      {"process_yolov5_i8", Head::yolov5},
      {"process_yolox_f32", Head::yolox},
      {"process_yolox_detect_f32", Head::yolox_detect},
      {"process_yolov7_f32", Head::yolov7},
      {"process_yolov2_f32", Head::yolov2},
      {"process_tao_detection_f32", Head::tao_ssd},
      {"process_tao_yolov3_i8", Head::tao_yolov3},
      {"process_tao_yolov4_f32", Head::tao_yolov4},
      {"process_yolo_pro_f32", Head::yolo_pro},
      {"process_yolov11_f32", Head::yolov11},
      {"process_visual_ad_f32", Head::visual_anomaly},
      {"process_freeform_f32", Head::freeform},
      {"process_paddleocr_f32", Head::paddleocr},
      {"process_qc_face_det_lite_f32", Head::qualcomm_face},
      {"process_qc_yolox_f32", Head::qualcomm_yolox},
  };
  for (const auto& [name, head] : decoders) {
    const auto p = project_of("const ei_postprocessing_block_t ei_postprocessing_blocks[1] = { { .postprocess_fn = &" +
                              name + " } };");
    ASSERT_TRUE(p.head) << name;
    EXPECT_EQ(*p.head, head) << name;
  }
  EXPECT_FALSE(project_of("const ei_postprocessing_block_t ei_postprocessing_blocks[1] = { { .postprocess_fn = "
                          "&process_object_counting } };")
                   .head);
}

TEST(Metadata, TellsTheHeadByEveryLastLayer) {
  const Head heads[] = {Head::ssd,    Head::fomo,          Head::yolov5,  Head::yolox,           Head::yolov5_drpai,
                        Head::yolov7, Head::tao_retinanet, Head::tao_ssd, Head::tao_yolov3,      Head::tao_yolov4,
                        Head::yolov2, Head::yolo_pro,      Head::yolov11, Head::yolov11_absolute};
  for (int number = 1; number <= 14; ++number) {
    const auto p = project_of(text("#define EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER ", number));
    ASSERT_TRUE(p.head) << number;
    EXPECT_EQ(*p.head, heads[number - 1]) << number;
  }
  for (const int number : {-1, 0, 15}) {
    EXPECT_FALSE(project_of(text("#define EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER ", number)).head) << number;
  }
}

TEST(Metadata, RefusesAHeaderThatNoStudioWrites) {
  EXPECT_ERROR(
      read_impulses({{"model_metadata.h", std::string((size_t{4} << 20) + 1, ' ')}}), ErrorKind::malformed,
      "model_metadata.h: holds 4194305 bytes, a generated header of at most 4194304 is needed; give the export "
      "as Studio built it");
}

// Nested lists, rows, names and namespaces by the hundred thousand: each would show a quadratic look-up as hours.
TEST(Metadata, TakesLinearTimeOnHostileHeaders) {
  constexpr size_t size = 1 << 20;
  const auto repeated = [](const std::string& unit) {
    std::string out;
    while (out.size() < size) out += unit;
    return out;
  };
  const std::string texts[] = {
      std::string(size, '{'),
      std::string(size, '('),
      "x = " + std::string(size, '{'),
      repeated("namespace a { x = 1; "),
      repeated("const ei_impulse_t impulse_1 = { .categories = a }; "),
      repeated("#define A A\n"),
      "ei_model_dsp_t ei_dsp_blocks[1] = {" + repeated("{ &f, (void*)&x }, ") + "};" + repeated("x = { 1 };"),
      repeated("/*"),
      repeated("\""),
      repeated("#define B \\\n"),
      repeated("a = b = { c = "),
      repeated("= { ; } "),
  };
  for (const auto& hostile : texts) {
    EXPECT_LE(read_impulses({{"model_metadata.h", hostile}}).size(), 64U);
  }
}

}  // namespace
}  // namespace es::edge_impulse
