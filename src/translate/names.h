// SPDX-License-Identifier: Apache-2.0
//
// Names that leave the file, and names by which custom operators are known.
#pragma once

#include <string>
#include <string_view>

namespace es::translate {

// At most 63 characters of [A-Za-z0-9_./-], each other byte as "_". Never ";" in particular: DeepStream separates
// output-blob-names by it, and the names of fused tensors are full of it.
std::string clean_name(std::string_view name);

bool is_utf8(std::string_view text);

// Why a custom operator is not translated, and what to do; reads on after the operator.
std::string custom_op_reason(std::string_view custom_code);

}  // namespace es::translate
