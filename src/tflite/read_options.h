// SPDX-License-Identifier: Apache-2.0
//
// The one place where option tables of the schema become the structs of options.h. For model.cpp only.
#pragma once

#include "tflite/options.h"
#include "tflite/schema_generated.h"

namespace es::tflite {

// Throws malformed, without saying where, for an enumeration value that the schema does not have.
Options read_options(const schema::Operator& op);

}  // namespace es::tflite
