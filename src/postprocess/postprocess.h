// SPDX-License-Identifier: Apache-2.0
//
// Output tensors become detections or attributes. Detector and place() belong together; Classifier stands alone.
#pragma once

#include "postprocess/classifier.h"
#include "postprocess/detector.h"
#include "postprocess/place.h"
