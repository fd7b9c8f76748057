// SPDX-License-Identifier: Apache-2.0
//
// model_metadata.h and model_variables.h of unknown origin: refused with an Error or read into facts that can be
// listed. A zero byte parts the two files.
#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"
#include "edge_impulse/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(es::as_text({data, size}));
  const size_t parting = text.find('\0');
  std::vector<es::edge_impulse::HeaderText> texts{{"model_metadata.h", text.substr(0, parting)}};
  if (parting != std::string::npos) texts.push_back({"model_variables.h", text.substr(parting + 1)});
  try {
    const auto impulses = es::edge_impulse::read_impulses(std::move(texts));
    if (impulses.empty()) std::abort();
    for (const auto& impulse : impulses) es::edge_impulse::fact_lines(impulse.project);
  } catch (const es::Error&) {
  }
  return 0;
}
