// SPDX-License-Identifier: Apache-2.0
#include "nvds/pool.h"

#include <cstddef>
#include <cstring>

namespace es::nvds {
namespace {

constexpr size_t node_bytes = 32;
static_assert(sizeof(GList) <= node_bytes && node_bytes % alignof(std::max_align_t) == 0);

GList* node_of(void* element) { return reinterpret_cast<GList*>(static_cast<char*>(element) - node_bytes); }

GList* make_node(guint element_size) {
  auto* node = static_cast<GList*>(g_malloc0(node_bytes + element_size));
  node->data = reinterpret_cast<char*>(node) + node_bytes;
  return node;
}

}  // namespace

void Pool::open(NvDsBatchMeta* batch, const Kind& kind) {
  batch_ = batch;
  kind_ = &kind;
  face_.meta_type = kind.type;
  face_.element_size = kind.size;
  face_.copy_func = kind.copy;
  face_.release_func = kind.release;
}

void Pool::close() {
  while (face_.full_list != nullptr) give_back(face_.full_list->data);
  while (face_.empty_list != nullptr) {
    GList* node = face_.empty_list;
    face_.empty_list = node->next;
    g_free(node);
  }
}

void* Pool::acquire() {
  const std::lock_guard lock(mutex_);
  GList* node = face_.empty_list;
  if (node == nullptr) {
    node = make_node(kind_->size);
    ++face_.max_elements_in_pool;
  } else {
    face_.empty_list = g_list_remove_link(node, node);
    --face_.num_empty_elements;
    std::memset(node->data, 0, kind_->size);
  }
  move_to_full(node);
  auto* base = static_cast<NvDsBaseMeta*>(node->data);
  *base = {batch_, kind_->type, nullptr, kind_->copy, kind_->release};
  return node->data;
}

void Pool::give_back(void* element) {
  finish(element);
  const std::lock_guard lock(mutex_);
  move_to_empty(node_of(element));
}

// Outside the pool's lock: children go back to their own pools, and a release function is foreign code.
void Pool::finish(void* element) const {
  auto* base = static_cast<NvDsBaseMeta*>(element);
  const auto release = base->release_func;
  base->release_func = nullptr;
  if (release != nullptr) release(element, nullptr);
  kind_->clean(element);
}

void Pool::move_to_full(GList* node) {
  node->prev = newest_full_;
  node->next = nullptr;
  (newest_full_ != nullptr ? newest_full_->next : face_.full_list) = node;
  newest_full_ = node;
  ++face_.num_full_elements;
}

void Pool::move_to_empty(GList* node) {
  if (newest_full_ == node) newest_full_ = node->prev;
  face_.full_list = g_list_remove_link(face_.full_list, node);
  node->next = face_.empty_list;
  if (node->next != nullptr) node->next->prev = node;
  face_.empty_list = node;
  --face_.num_full_elements;
  ++face_.num_empty_elements;
}

}  // namespace es::nvds
