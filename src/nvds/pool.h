// SPDX-License-Identifier: Apache-2.0
//
// Pools of metadata elements. An element is taken from a pool, filled, hung into lists, and given back; its memory
// stays with the batch until the batch ends.
//
//   NvDsMetaPool::empty_list   elements to be given out next
//   NvDsMetaPool::full_list    elements in use, oldest first
//
// The list node of an element lies in front of it in the same allocation, so moving it between the two lists neither
// allocates nor searches:
//
//   [ GList node, padded to 32 bytes | element ]
#pragma once

#include <array>
#include <mutex>

#include "nvds/exported.h"

namespace es::nvds {

// What is known of a kind of element.
struct Kind {
  NvDsMetaType type;
  guint size;  // bytes
  NvDsMetaPool* NvDsBatchMeta::*pool;
  // Frees what the element owns and leaves NULL behind; calling it again does nothing.
  void (*clean)(void* element);
  NvDsMetaCopyFunc copy;        // base_meta.copy_func of a fresh element
  NvDsMetaReleaseFunc release;  // base_meta.release_func of a fresh element
};

class Pool {
 public:
  void open(NvDsBatchMeta* batch, const Kind& kind);
  // Gives back every element that is still out, then frees all.
  void close();

  NvDsMetaPool* face() { return &face_; }
  // An element with zeros everywhere behind its base. Never NULL.
  void* acquire();
  // Cleans the element and makes it ready for reuse. It must be of this pool and in use.
  void give_back(void* element);

 private:
  void move_to_full(GList* node);
  void move_to_empty(GList* node);
  void finish(void* element) const;

  NvDsMetaPool face_{};
  const Kind* kind_ = nullptr;
  NvDsBatchMeta* batch_ = nullptr;
  GList* newest_full_ = nullptr;
  std::mutex mutex_;
};

// NvDsBatchMeta as it is allocated: the public struct first, its pools behind it.
struct Batch : NvDsBatchMeta {
  std::array<Pool, 6> pools;
};

// The kinds in the order of Batch::pools.
enum KindIndex { frame_kind, object_kind, classifier_kind, display_kind, user_kind, label_kind };
const Kind& kind_at(KindIndex index);

inline Pool& pool_of(NvDsBatchMeta* batch, KindIndex index) {
  return static_cast<Batch*>(batch)->pools[static_cast<size_t>(index)];
}

// Holds the batch's recursive lock; nothing for NULL.
class MetaLock {
 public:
  explicit MetaLock(NvDsBatchMeta* batch) : batch_(batch) {
    if (batch_ != nullptr) g_rec_mutex_lock(&batch_->meta_mutex);
  }
  ~MetaLock() {
    if (batch_ != nullptr) g_rec_mutex_unlock(&batch_->meta_mutex);
  }
  MetaLock(const MetaLock&) = delete;
  MetaLock& operator=(const MetaLock&) = delete;

 private:
  NvDsBatchMeta* batch_;
};

}  // namespace es::nvds
