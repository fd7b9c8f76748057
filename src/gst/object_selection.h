// SPDX-License-Identifier: Apache-2.0
//
// Which objects a secondary network looks at, and what a classifier remembers of those that a tracker follows: the
// rules of nvinfer.md 4.4 and 4.5. Nothing of GStreamer in here.
//
// The history of an object is kept by source and tracking id. A classifier looks at a tracked object once, and again
// when it has grown by more than a fifth or secondary-reinfer-interval frames have passed; in between its last answer
// holds.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/infer_config.h"
#include "edgestream/deepstream/nvdsmeta.h"
#include "vision/detection.h"

namespace es::gst {

// What a classifier said of an object.
struct Classification {
  std::vector<Attribute> attributes;
  std::string label;
};

// Safe from the thread that selects and the thread that stores results.
class ObjectSelector {
 public:
  struct Decision {
    bool infer = false;
    bool known = false;  // there is a history from before
  };

  // A record for source 0 exists from the start.
  explicit ObjectSelector(const config::InferConfig& config);

  void add_source(unsigned source);
  void remove_source(unsigned source);
  void forget_objects(unsigned source);

  // To be called for each frame before its objects. False where the source is not known: the frame is left alone.
  bool begin_frame(unsigned source, int64_t frame_num);
  // Makes or updates the history of a tracked object that is to be inferred or has an answer already.
  Decision decide(unsigned source, int64_t frame_num, const NvDsObjectMeta& object);
  // The answer replaces what was known, also an empty one. Nothing happens to objects without history.
  void store(unsigned source, uint64_t object_id, int64_t frame_num, Classification classification);
  // The object had no pixels: what was known stays.
  void give_up(unsigned source, uint64_t object_id, int64_t frame_num);
  std::optional<Classification> recall(unsigned source, uint64_t object_id) const;
  // To be called for each buffer: from time to time, objects that were not seen for long are forgotten.
  void end_buffer();

 private:
  struct History {
    bool under_inference = false;
    float width = 0, height = 0;  // when last inferred
    int64_t inferred_frame = 0;
    int64_t accessed_frame = 0;
    Classification classification;
  };
  struct Source {
    std::unordered_map<uint64_t, History> objects;
    int64_t last_frame = 0;
    int64_t cleaned_frame = 0;
  };

  bool passes_filters(const NvDsObjectMeta& object) const;
  bool is_due(const History* history, int64_t frame_num, const NvDsObjectMeta& object) const;
  History* find(unsigned source, uint64_t object_id);

  const config::InferConfig config_;
  mutable std::mutex mutex_;
  std::map<unsigned, Source> sources_;
  uint64_t buffers_since_cleaning_ = 0;
};

}  // namespace es::gst
