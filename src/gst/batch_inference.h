// SPDX-License-Identifier: Apache-2.0
//
// The inference of one buffer: which regions of its frames go to the network, and what of the results becomes metadata.
//
//   select  (streaming thread)  frames or objects ──► chunks of at most batch-size regions, each submitted at once
//   attach  (output thread)     chunk after chunk: wait, add metadata under the meta lock
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <span>
#include <vector>

#include "gst/frame.h"
#include "gst/meta.h"
#include "gst/object_selection.h"
#include "infer/infer.h"

namespace es::gst {

// What a network needs besides itself to select and attach. Lives as long as the element runs.
struct Network {
  std::unique_ptr<infer::Inferencer> inferencer;
  std::unique_ptr<ObjectSelector> selector;
  AttachSpec attach;
  std::vector<NvDsInferLayerInfo> layers;  // outputs; names are the Inferencer's
  bool asynchronous = false;               // classifier-async-mode, where it is possible

  const config::InferConfig& config() const { return inferencer->config(); }
};

// Opens the network of a configuration. Throws as Inferencer::open does.
std::unique_ptr<Network> open_network(const config::InferConfig& config);

// The regions of one buffer on their way.
class BatchInference {
 public:
  // Submits every frame. The frames and the metadata must stay until attach() is done.
  static BatchInference of_frames(Network& network, NvDsBatchMeta* batch, std::span<const Frame> frames);
  // Submits the objects that are to be looked at. `unknown_source` is told the number of each source that no event has
  // announced; its frames are left alone.
  static BatchInference of_objects(Network& network, NvDsBatchMeta* batch, std::span<const Frame> frames,
                                   const std::function<void(unsigned)>& unknown_source);

  // Waits for the results and attaches them. Throws what the inference threw, after the other chunks were attached.
  void attach(Network& network, NvDsBatchMeta* batch);
  // Waits for the results and only remembers them (classifier-async-mode): the buffer has gone.
  void remember(Network& network);

 private:
  struct Item {
    NvDsFrameMeta* frame = nullptr;
    NvDsObjectMeta* object = nullptr;  // NULL for a whole frame
    unsigned source = 0;
    int64_t frame_num = 0;
    uint64_t object_id = UNTRACKED_OBJECT_ID;
  };
  struct Chunk {
    std::vector<Item> items;
    std::vector<infer::Region> regions;  // until submitted
    std::vector<Item> recalled;          // objects that get what is known of them already
    std::future<std::vector<infer::RegionResult>> results;
  };

  void add(Network& network, Item item, infer::Region region, std::shared_ptr<const void> keep_alive);
  void submit(Network& network, std::shared_ptr<const void> keep_alive);
  Chunk& open_chunk();
  void add_object(Network& network, NvDsFrameMeta& frame, NvDsObjectMeta& object, const Frame& picture,
                  const std::shared_ptr<const void>& keep_alive);
  static void attach_chunk(Network& network, Chunk& chunk);
  static void attach_result(Network& network, const Item& item, const infer::RegionResult& result);
  static void attach_output_tensors(Network& network, const Item& item, const infer::RegionResult& result);

  std::vector<Chunk> chunks_;
};

}  // namespace es::gst
