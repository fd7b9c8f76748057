// SPDX-License-Identifier: Apache-2.0
#include "vision/box.h"

namespace es {

FrameBox to_frame(const ModelBox& box, const Placement& placement) {
  const float left = box.left - static_cast<float>(placement.destination.left);
  const float top = box.top - static_cast<float>(placement.destination.top);
  return {static_cast<float>(left / placement.ratio_x + placement.origin_left),
          static_cast<float>(top / placement.ratio_y + placement.origin_top),
          static_cast<float>(box.width / placement.ratio_x), static_cast<float>(box.height / placement.ratio_y)};
}

}  // namespace es
