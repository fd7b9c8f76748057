// SPDX-License-Identifier: Apache-2.0
//
// As exported.h, for the headers that need GStreamer.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "nvds/exported.h"

#pragma GCC visibility push(default)
#include "edgestream/deepstream/gst-nvdscustomevent.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gst-nvmessage.h"
#include "edgestream/deepstream/gst-nvquery.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#pragma GCC visibility pop
