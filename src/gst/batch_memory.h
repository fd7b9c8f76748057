// SPDX-License-Identifier: Apache-2.0
//
// A batch of frames as one GstMemory. Mapped, it is an NvBufSurface, as every DeepStream program expects:
//
//   GstBuffer  [ BatchMemory: sizeof(NvBufSurface) bytes ]   + NvDsBatchMeta where it comes from nvstreammux
//                 surfaceList[i].dataPtr ────► plane 0 of frame i, where its decoder wrote it
//                 frames[i]      ────────────► keeps that alive
//
// The memory owns the frames, so pixels cannot go away while somebody holds the memory, whatever happens to metadata.
// A copy of the memory shares the frames; mapping it for writing makes every frame its own first.
//
// A batch is 72 bytes to a queue: always give queues max-size-buffers.
#pragma once

#include <gst/gst.h>

#include <span>
#include <vector>

#include "edgestream/deepstream/nvbufsurface.h"
#include "gst/frame.h"

namespace es::gst {

// A buffer with a batch of these frames; `capacity` becomes NvBufSurface::batchSize.
GstBuffer* make_batch_buffer(std::vector<Frame> frames, unsigned capacity);

// Whether the buffer holds a batch of ours.
bool is_batch(GstBuffer* buffer);
// The frames of a batch, valid while the buffer is. Throws unsupported for any other buffer.
std::span<const Frame> frames_of(GstBuffer* buffer);

// The frames of a batch whose buffer is not needed any more: they leave it where nobody else has it, so that their
// pixels do not look shared; otherwise they are shared.
std::vector<Frame> take_frames(GstBuffer* buffer);

// A writable buffer's batch for changing frames one by one: shares nothing but pixels with other buffers.
class WritableBatch {
 public:
  explicit WritableBatch(GstBuffer* buffer);

  size_t size() const;
  // Frame i for drawing; only this one is made private.
  MutableImage image(size_t index);

 private:
  GstMemory* memory_;
};

}  // namespace es::gst
