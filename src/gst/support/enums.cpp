// SPDX-License-Identifier: Apache-2.0
#include "gst/support/enums.h"

namespace es::gst {

GType register_enum(const char* name, const GEnumValue* values) {
  const GType known = g_type_from_name(name);
  return known != 0 ? known : g_enum_register_static(name, values);
}

GType interpolation_enum() {
  static const GEnumValue values[] = {{0, "Nearest", "Nearest"},
                                      {1, "Bilinear", "Bilinear"},
                                      {2, "Mean of what a pixel covers (cubic on a GPU)", "Algo-1"},
                                      {3, "Mean of what a pixel covers (super on a GPU)", "Algo-2"},
                                      {4, "Mean of what a pixel covers (Lanczos on a GPU)", "Algo-3"},
                                      {5, "Mean of what a pixel covers", "Algo-4"},
                                      {6, "Nearest", "Default"},
                                      {0, nullptr, nullptr}};
  static const GType type = register_enum("EsInterpolationMethod", values);
  return type;
}

GType compute_enum() {
  static const GEnumValue values[] = {{0, "Default: the CPU", "Default"},
                                      {1, "The CPU in place of a GPU", "GPU"},
                                      {2, "The CPU in place of a VIC", "VIC"},
                                      {0, nullptr, nullptr}};
  static const GType type = register_enum("EsComputeHardware", values);
  return type;
}

GType memory_type_enum() {
  static const GEnumValue values[] = {
      {0, "Default: system memory", "nvbuf-mem-default"}, {1, "System memory", "nvbuf-mem-cuda-pinned"},
      {2, "System memory", "nvbuf-mem-cuda-device"},      {3, "System memory", "nvbuf-mem-cuda-unified"},
      {4, "System memory", "nvbuf-mem-surface-array"},    {0, nullptr, nullptr}};
  static const GType type = register_enum("EsMemoryType", values);
  return type;
}

}  // namespace es::gst
