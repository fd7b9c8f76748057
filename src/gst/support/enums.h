// SPDX-License-Identifier: Apache-2.0
//
// Enumerations that several elements have as properties, with DeepStream's nicks and numbers.
#pragma once

#include <glib-object.h>

namespace es::gst {

GType interpolation_enum();  // 0 nearest .. 6 default
GType compute_enum();
GType memory_type_enum();

// A GEnum registered once: values end with {0, NULL, NULL} and live as long as the process.
GType register_enum(const char* name, const GEnumValue* values);

}  // namespace es::gst
