// SPDX-License-Identifier: Apache-2.0
#include "cli/true_crops.h"

#include "app/sample_frames.h"
#include "cli/run_folder.h"
#include "config/read.h"
#include "infer/infer.h"

namespace es::cli {

double accuracy_on_true_crops(const std::filesystem::path& folder, const std::string& clip,
                              const std::vector<std::vector<TrueObject>>& truth, int width, int height) {
  constexpr size_t step = 3;
  const auto network =
      infer::Inferencer::open(config::read_infer_config(nvinfer_file_of(folder, "secondary"), nullptr));
  size_t right = 0, asked = 0;
  app::for_each_frame(uri_of(clip), width, height, [&](size_t index, const ImageView& rgb) {
    if (index % step != 0 || index >= truth.size()) return;
    std::vector<infer::Region> regions;
    std::vector<std::string> states;
    for (const auto& object : truth[index]) {
      if (!object.counted) continue;
      regions.push_back({.image = rgb,
                         .rect = {static_cast<float>(object.left), static_cast<float>(object.top),
                                  static_cast<float>(object.width), static_cast<float>(object.height)}});
      states.push_back(object.state);
    }
    const auto results = network->submit(regions, nullptr).get();
    asked += results.size();
    for (size_t i = 0; i < results.size(); ++i) {
      right += results[i].attributes.size() == 1 && results[i].attributes[0].label == states[i];
    }
  });
  return asked > 0 ? static_cast<double>(right) / static_cast<double>(asked) : 0;
}

}  // namespace es::cli
