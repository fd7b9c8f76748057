// SPDX-License-Identifier: Apache-2.0
//
// Names that leave the file, and names by which custom operators are known.
#pragma once

#include <string>
#include <string_view>

namespace es::translate {

// The name as it is where it is UTF-8, as ONNX demands; else with "_" for every byte that is not ASCII.
std::string utf8_name(std::string_view name);

bool is_utf8(std::string_view text);

// Why a custom operator is not translated, and what to do; reads on after the operator.
std::string custom_op_reason(std::string_view custom_code);

}  // namespace es::translate
