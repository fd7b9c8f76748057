// SPDX-License-Identifier: Apache-2.0
#include "gst/elements.h"

#include "gst/support/log.h"

namespace es::gst {
namespace {

struct Row {
  const char* name;
  guint rank;
  GType (*type)();
};

// nvv4l2decoder is not chosen before system decoders: a pipeline of other elements could not take memory:NVMM from it.
constexpr Row rows[] = {
    {"nvstreammux", GST_RANK_PRIMARY, nvstreammux_type},
    {"nvinfer", GST_RANK_PRIMARY, nvinfer_type},
    {"nvvideoconvert", GST_RANK_NONE, nvvideoconvert_type},
    {"nvv4l2decoder", GST_RANK_MARGINAL, nvv4l2decoder_type},
    {"nvmultistreamtiler", GST_RANK_NONE, nvmultistreamtiler_type},
    {"nvdsosd", GST_RANK_NONE, nvdsosd_type},
    {"esjson", GST_RANK_NONE, esjson_type},
};

}  // namespace

gboolean register_elements(GstPlugin* plugin) {
  bridge_log();
  bool all = true;
  for (const auto& row : rows) all = gst_element_register(plugin, row.name, row.rank, row.type()) && all;
  return all;
}

}  // namespace es::gst
