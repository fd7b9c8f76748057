// SPDX-License-Identifier: Apache-2.0
#include "translate/names.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace es::translate {
namespace {

// How many bytes a UTF-8 character has that begins with `lead`; 0 where none does.
size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

struct CustomOp {
  std::string_view code;
  std::string_view reason;
};

constexpr CustomOp custom_ops[] = {
    {"ethos-u",
     "holds the model as compiled by Vela for an Arm Ethos-U processor, which nothing can turn back; use the float32 "
     "download of the model before Vela"},
    {"edgetpu-custom-op",
     "holds the model as compiled for an Edge TPU, which nothing can turn back; use the float32 download"},
};

const CustomOp* find_custom_op(std::string_view code) {
  const auto found = std::find_if(std::begin(custom_ops), std::end(custom_ops),
                                  [&](const CustomOp& known) { return known.code == code; });
  return found == std::end(custom_ops) ? nullptr : found;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || length > text.size() - at) return false;
    for (size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

std::string utf8_name(std::string_view name) {
  std::string result(name);
  if (is_utf8(name)) return result;
  for (char& c : result) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '_';
  }
  return result;
}

std::string custom_op_reason(std::string_view custom_code) {
  if (const auto* known = find_custom_op(custom_code)) return std::string(known->reason);
  if (custom_code.rfind("Flex", 0) == 0) {
    return text("is the TensorFlow operator '", printable(custom_code.substr(4), 40),
                "' inside a TFLite file; convert the model with TFLite's built-in operators only");
  }
  return "is a custom operator, whose meaning the file does not say";
}

}  // namespace es::translate
