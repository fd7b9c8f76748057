// SPDX-License-Identifier: Apache-2.0
//
// The one place where option tables of the schema become the structs of options.h. For model.cpp only.
#pragma once

#include "base/bytes.h"
#include "tflite/options.h"
#include "tflite/schema_generated.h"

namespace es::tflite {

// Those of a custom operator whose meaning is known; monostate for the others. Throws malformed for a FlexBuffer that
// is damaged or lacks a key.
Options read_custom_options(std::string_view custom_code, BytesView bytes);

// Throws malformed, without saying where, for an enumeration value that the schema does not have.
Options read_options(const schema::Operator& op);

}  // namespace es::tflite
