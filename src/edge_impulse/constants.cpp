// SPDX-License-Identifier: Apache-2.0
//
// Tables only, and the small evaluator over them.
#include "edge_impulse/constants.h"

#include <array>
#include <cmath>
#include <string>

#include "base/text.h"

namespace es::edge_impulse {
namespace {

struct NamedConstant {
  std::string_view name;
  int value;
};

constexpr NamedConstant named_constants[] = {
    {"EI_CLASSIFIER_NONE", 255},
    {"EI_CLASSIFIER_UTENSOR", 1},
    {"EI_CLASSIFIER_TFLITE", 2},
    {"EI_CLASSIFIER_CUBEAI", 3},
    {"EI_CLASSIFIER_TFLITE_FULL", 4},
    {"EI_CLASSIFIER_TENSAIFLOW", 5},
    {"EI_CLASSIFIER_TENSORRT", 6},
    {"EI_CLASSIFIER_DRPAI", 7},
    {"EI_CLASSIFIER_TFLITE_TIDL", 8},
    {"EI_CLASSIFIER_AKIDA", 9},
    {"EI_CLASSIFIER_SYNTIANT", 10},
    {"EI_CLASSIFIER_ONNX_TIDL", 11},
    {"EI_CLASSIFIER_MEMRYX", 12},
    {"EI_CLASSIFIER_ETHOS_LINUX", 13},
    {"EI_CLASSIFIER_ATON", 14},
    {"EI_CLASSIFIER_CEVA_NPN", 15},
    {"EI_CLASSIFIER_NORDIC_AXON", 16},
    {"EI_CLASSIFIER_VLM_CONNECTOR", 17},

    {"EI_CLASSIFIER_SENSOR_UNKNOWN", -1},
    {"EI_CLASSIFIER_SENSOR_MICROPHONE", 1},
    {"EI_CLASSIFIER_SENSOR_ACCELEROMETER", 2},
    {"EI_CLASSIFIER_SENSOR_CAMERA", 3},
    {"EI_CLASSIFIER_SENSOR_9DOF", 4},
    {"EI_CLASSIFIER_SENSOR_ENVIRONMENTAL", 5},
    {"EI_CLASSIFIER_SENSOR_FUSION", 6},

    {"EI_ANOMALY_TYPE_UNKNOWN", 0},
    {"EI_ANOMALY_TYPE_KMEANS", 1},
    {"EI_ANOMALY_TYPE_GMM", 2},
    {"EI_ANOMALY_TYPE_VISUAL_GMM", 3},
    {"EI_ANOMALY_TYPE_VISUAL_PATCHCORE", 4},
    {"EI_ANOMALY_TYPE_CUSTOM", 5},
    {"EI_ANOMALY_TYPE_VISUAL_CUSTOM", 6},

    {"EI_CLASSIFIER_DATATYPE_FLOAT32", 1},
    {"EI_CLASSIFIER_DATATYPE_UINT8", 3},
    {"EI_CLASSIFIER_DATATYPE_INT8", 9},

    {"EI_CLASSIFIER_RESIZE_NONE", 0},
    {"EI_CLASSIFIER_RESIZE_FIT_SHORTEST", 1},
    {"EI_CLASSIFIER_RESIZE_FIT_LONGEST", 2},
    {"EI_CLASSIFIER_RESIZE_SQUASH", 3},

    {"EI_CLASSIFIER_LAST_LAYER_UNKNOWN", -1},
    {"EI_CLASSIFIER_LAST_LAYER_SSD", 1},
    {"EI_CLASSIFIER_LAST_LAYER_FOMO", 2},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV5", 3},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOX", 4},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV5_V5_DRPAI", 5},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV7", 6},
    {"EI_CLASSIFIER_LAST_LAYER_TAO_RETINANET", 7},
    {"EI_CLASSIFIER_LAST_LAYER_TAO_SSD", 8},
    {"EI_CLASSIFIER_LAST_LAYER_TAO_YOLOV3", 9},
    {"EI_CLASSIFIER_LAST_LAYER_TAO_YOLOV4", 10},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV2", 11},
    {"EI_CLASSIFIER_LAST_LAYER_YOLO_PRO", 12},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV11", 13},
    {"EI_CLASSIFIER_LAST_LAYER_YOLOV11_ABS", 14},

    {"true", 1},
    {"false", 0},
};

constexpr std::array heads_by_last_layer = {
    Head::unknown,      Head::ssd,    Head::fomo,          Head::yolov5,  Head::yolox,
    Head::yolov5_drpai, Head::yolov7, Head::tao_retinanet, Head::tao_ssd, Head::tao_yolov3,
    Head::tao_yolov4,   Head::yolov2, Head::yolo_pro,      Head::yolov11, Head::yolov11_absolute,
};

struct DecoderRow {
  std::string_view prefix;
  Head head;
};

// The longer of two prefixes that begin alike stands first.
constexpr DecoderRow decoders[] = {
    {"process_classification", Head::classification},
    {"process_regression", Head::regression},
    {"process_fomo", Head::fomo},
    {"process_ssd", Head::ssd},
    {"process_yolov5", Head::yolov5},
    {"process_yolox_detect", Head::yolox_detect},
    {"process_yolox", Head::yolox},
    {"process_yolov7", Head::yolov7},
    {"process_yolov2", Head::yolov2},
    {"process_yolo_pro", Head::yolo_pro},
    {"process_yolov11_abs", Head::yolov11_absolute},
    {"process_yolov11", Head::yolov11},
    {"process_tao_detection", Head::tao_ssd},
    {"process_tao_yolov3", Head::tao_yolov3},
    {"process_tao_yolov4", Head::tao_yolov4},
    {"process_visual_ad", Head::visual_anomaly},
    {"process_anomaly", Head::anomaly_gmm},
    {"process_paddleocr", Head::paddleocr},
    {"process_qc_face_det_lite", Head::qualcomm_face},
    {"process_qc_yolox", Head::qualcomm_yolox},
    {"process_freeform", Head::freeform},
};

struct ModeRow {
  std::string_view suffix;
  Head head;
};

constexpr ModeRow modes[] = {
    {"_REGRESSION", Head::regression},         {"_ANOMALY_GMM", Head::anomaly_gmm},
    {"_ANOMALY_KMEANS", Head::anomaly_kmeans}, {"_VISUAL_ANOMALY", Head::visual_anomaly},
    {"_CUSTOM_ANOMALY", Head::anomaly_custom}, {"_FREEFORM", Head::freeform},
    {"_CLASSIFICATION", Head::classification},
};

struct ScalingRow {
  std::string_view name;
  ImageScaling scaling;
};

constexpr ScalingRow scalings[] = {
    {"EI_CLASSIFIER_IMAGE_SCALING_NONE", ImageScaling::zero_to_one},
    {"EI_CLASSIFIER_IMAGE_SCALING_0_255", ImageScaling::zero_to_255},
    {"EI_CLASSIFIER_IMAGE_SCALING_TORCH", ImageScaling::torch},
    {"EI_CLASSIFIER_IMAGE_SCALING_MIN1_1", ImageScaling::minus1_to_1},
    {"EI_CLASSIFIER_IMAGE_SCALING_MIN128_127", ImageScaling::minus128_to_127},
    {"EI_CLASSIFIER_IMAGE_SCALING_BGR_SUBTRACT_IMAGENET_MEAN", ImageScaling::bgr_minus_mean},
};

// sum := product (('+'|'-') product)*    product := factor (('*'|'/') factor)*
// factor := number | name | '-' factor | '(' sum ')' | cast factor
class Evaluator {
 public:
  explicit Evaluator(const MacroLookup& macros) : macros_(macros) {}

  std::optional<double> run(std::span<const Token> tokens, int depth) {
    Cursor cursor{tokens, 0, depth};
    const auto value = sum(cursor);
    if (!value || cursor.at != tokens.size() || !std::isfinite(*value)) return std::nullopt;
    return value;
  }

 private:
  struct Cursor {
    std::span<const Token> tokens;
    size_t at;
    int depth;
    bool is(char c) const { return at < tokens.size() && tokens[at].is(c); }
  };

  std::optional<double> sum(Cursor& cursor) {
    auto value = product(cursor);
    while (value && (cursor.is('+') || cursor.is('-'))) {
      const double sign = cursor.is('+') ? 1 : -1;
      ++cursor.at;
      const auto other = product(cursor);
      value = other ? std::optional(*value + sign * *other) : std::nullopt;
    }
    return value;
  }

  std::optional<double> product(Cursor& cursor) {
    auto value = factor(cursor);
    while (value && (cursor.is('*') || cursor.is('/'))) {
      const bool divides = cursor.is('/');
      ++cursor.at;
      const auto other = factor(cursor);
      if (!other || (divides && *other == 0)) return std::nullopt;
      value = divides ? *value / *other : *value * *other;
    }
    return value;
  }

  std::optional<double> factor(Cursor& cursor) {
    if (cursor.at >= cursor.tokens.size() || --budget_ < 0) return std::nullopt;
    if (cursor.depth >= max_depth) return std::nullopt;
    const Token& token = cursor.tokens[cursor.at++];
    if (token.kind == TokenKind::number) return number_from(token.text);
    if (token.kind == TokenKind::identifier) return name(token.text, cursor.depth);
    if (token.is('-')) {
      const auto value = deeper(cursor, &Evaluator::factor);
      return value ? std::optional(-*value) : std::nullopt;
    }
    return token.is('(') ? parenthesis(cursor) : std::nullopt;
  }

  std::optional<double> deeper(Cursor& cursor, std::optional<double> (Evaluator::*rule)(Cursor&)) {
    ++cursor.depth;
    const auto value = (this->*rule)(cursor);
    --cursor.depth;
    return value;
  }

  // A lone type word in parentheses is a cast, and changes nothing here.
  std::optional<double> parenthesis(Cursor& cursor) {
    const bool is_cast = cursor.at + 1 < cursor.tokens.size() &&
                         cursor.tokens[cursor.at].kind == TokenKind::identifier &&
                         cursor.tokens[cursor.at].text.ends_with("_t") && cursor.tokens[cursor.at + 1].is(')');
    if (is_cast) {
      cursor.at += 2;
      return deeper(cursor, &Evaluator::factor);
    }
    const auto value = deeper(cursor, &Evaluator::sum);
    if (!value || !cursor.is(')')) return std::nullopt;
    ++cursor.at;
    return value;
  }

  std::optional<double> name(std::string_view name, int depth) {
    if (const auto known = named_constant(name)) return known;
    const auto macro = macros_(name);
    if (!macro || macro->size() > max_macro_length) return std::nullopt;
    return run(tokenize(*macro).tokens, depth + 1);
  }

  static constexpr int max_depth = 32;
  static constexpr size_t max_macro_length = 256;
  const MacroLookup& macros_;
  int budget_ = 200;
};

}  // namespace

std::optional<double> named_constant(std::string_view name) {
  for (const auto& row : named_constants) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

std::optional<double> number_from(std::string_view literal) {
  if (literal.starts_with("0x") || literal.starts_with("0X")) {
    uint64_t value = 0;
    const auto digits = literal.substr(2, literal.find_first_of("uUlL") - 2);
    if (digits.empty() || digits.size() > 16) return std::nullopt;
    for (const char c : to_lower(digits)) {
      const size_t digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 16 + digit;
    }
    return static_cast<double>(value);
  }
  while (!literal.empty() && std::string_view("uUlLfF").find(literal.back()) != std::string_view::npos) {
    literal.remove_suffix(1);
  }
  if (literal.empty() || literal.size() > 64) return std::nullopt;
  return to_double(literal);
}

std::optional<double> evaluate(std::span<const Token> tokens, const MacroLookup& macros) {
  return Evaluator(macros).run(tokens, 0);
}

Head head_of_last_layer(int number) {
  const bool known = number >= 0 && static_cast<size_t>(number) < heads_by_last_layer.size();
  return known ? heads_by_last_layer[static_cast<size_t>(number)] : Head::unknown;
}

std::optional<Head> head_of_decoder(std::string_view function) {
  for (const auto& row : decoders) {
    if (function.starts_with(row.prefix)) return row.head;
  }
  return std::nullopt;
}

std::optional<Head> head_of_mode(std::string_view name) {
  for (const auto& row : modes) {
    if (name.ends_with(row.suffix)) return row.head;
  }
  return std::nullopt;
}

std::optional<Head> head_of_anomaly(int number) {
  constexpr std::array heads = {Head::anomaly_kmeans, Head::anomaly_gmm,    Head::visual_anomaly,
                                Head::visual_anomaly, Head::anomaly_custom, Head::visual_anomaly};
  if (number < 1 || static_cast<size_t>(number) > heads.size()) return std::nullopt;
  return heads[static_cast<size_t>(number) - 1];
}

std::optional<ImageScaling> scaling_of_name(std::string_view name) {
  for (const auto& row : scalings) {
    if (row.name == name) return row.scaling;
  }
  return std::nullopt;
}

}  // namespace es::edge_impulse
