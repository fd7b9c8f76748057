// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gst/gst.h>

#include "app/app_config.h"

namespace es::app {

// Before objects are drawn: border, fill and text of each as [osd] and the engines' groups say, as deepstream-app does
// to objects of the engines it was configured with. `buffer` carries a batch meta or nothing happens.
void decorate_objects(GstBuffer* buffer, const AppConfig& config);

}  // namespace es::app
