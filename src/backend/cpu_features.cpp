// SPDX-License-Identifier: Apache-2.0
//
// The features by which ONNX Runtime chooses its kernels, above all the block size of convolutions that it writes into
// an optimised model.
#include <string>

#include "backend/session.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace es::backend {

#if defined(__x86_64__)

std::string cpu_features() {
  // The builtin takes literals only, hence no loop over names.
  std::string text = "x86-64";
  const auto add = [&](const char* name, bool there) {
    if (there) text.append(" ").append(name);
  };
  add("sse4.1", __builtin_cpu_supports("sse4.1"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  return text;
}

#elif defined(__aarch64__)

std::string cpu_features() {
  // Bits of AT_HWCAP and AT_HWCAP2 as the kernel's arm64 documentation numbers them.
  struct Feature {
    const char* name;
    unsigned long kind;
    int bit;
  };
  constexpr Feature features[] = {{"asimdhp", AT_HWCAP, 10}, {"asimddp", AT_HWCAP, 20}, {"sve", AT_HWCAP, 22},
                                  {"sve2", AT_HWCAP2, 1},    {"i8mm", AT_HWCAP2, 13},   {"bf16", AT_HWCAP2, 14}};
  std::string text = "aarch64";
  for (const auto& feature : features) {
    if ((getauxval(feature.kind) >> feature.bit) & 1) text.append(" ").append(feature.name);
  }
  return text;
}

#else

std::string cpu_features() { return "other"; }

#endif

}  // namespace es::backend
