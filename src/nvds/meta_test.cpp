// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "edgestream/deepstream/nvdsinfer.h"
#include "edgestream/deepstream/nvdsmeta.h"

namespace {

using ::testing::ElementsAre;

struct EndBatch {
  void operator()(NvDsBatchMeta* batch) const { nvds_destroy_batch_meta(batch); }
};
using BatchPointer = std::unique_ptr<NvDsBatchMeta, EndBatch>;

BatchPointer make_batch(unsigned size = 4) { return BatchPointer(nvds_create_batch_meta(size)); }

NvDsFrameMeta* add_frame(NvDsBatchMeta* batch) {
  auto* frame = nvds_acquire_frame_meta_from_pool(batch);
  nvds_add_frame_meta_to_batch(batch, frame);
  return frame;
}

NvDsObjectMeta* add_object(NvDsFrameMeta* frame, int class_id, NvDsObjectMeta* parent = nullptr) {
  auto* object = nvds_acquire_obj_meta_from_pool(frame->base_meta.batch_meta);
  object->class_id = class_id;
  nvds_add_obj_meta_to_frame(frame, object, parent);
  return object;
}

std::vector<int> classes(const NvDsFrameMeta* frame) {
  std::vector<int> found;
  for (GList* at = frame->obj_meta_list; at != nullptr; at = at->next) {
    found.push_back(static_cast<NvDsObjectMeta*>(at->data)->class_id);
  }
  return found;
}

unsigned in_use(const NvDsMetaPool* pool) {
  EXPECT_EQ(pool->num_full_elements, g_list_length(pool->full_list));
  EXPECT_EQ(pool->num_empty_elements, g_list_length(pool->empty_list));
  EXPECT_EQ(pool->max_elements_in_pool, pool->num_full_elements + pool->num_empty_elements);
  return pool->num_full_elements;
}

// User metadata that counts what happens to it.
struct Counts {
  int copies = 0;
  int releases = 0;
};

NvDsUserMeta* counting_user_meta(NvDsBatchMeta* batch, Counts& counts) {
  auto* user = nvds_acquire_user_meta_from_pool(batch);
  user->base_meta.meta_type = static_cast<NvDsMetaType>(NVDS_START_USER_META + 7);
  user->user_meta_data = &counts;
  user->base_meta.copy_func = [](gpointer data, gpointer) -> gpointer {
    auto* original = static_cast<NvDsUserMeta*>(data);
    ++static_cast<Counts*>(original->user_meta_data)->copies;
    return original->user_meta_data;
  };
  user->base_meta.release_func = [](gpointer data, gpointer) {
    ++static_cast<Counts*>(static_cast<NvDsUserMeta*>(data)->user_meta_data)->releases;
  };
  return user;
}

TEST(Batch, StartsEmptyAndKnowsItsSize) {
  const auto batch = make_batch(3);
  EXPECT_EQ(batch->max_frames_in_batch, 3u);
  EXPECT_EQ(batch->num_frames_in_batch, 0u);
  EXPECT_EQ(batch->frame_meta_list, nullptr);
  EXPECT_EQ(batch->base_meta.meta_type, NVDS_BATCH_META);
  EXPECT_EQ(batch->base_meta.batch_meta, batch.get());
}

TEST(Batch, DestroyingNothingSaysSo) { EXPECT_FALSE(nvds_destroy_batch_meta(nullptr)); }

TEST(Acquire, ObjectComesBackReset) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* object = add_object(frame, 5);
  object->object_id = 17;
  object->confidence = 0.5f;
  object->text_params.display_text = g_strdup("text");
  std::strcpy(object->obj_label, "label");
  nvds_remove_obj_meta_from_frame(frame, object);

  auto* again = nvds_acquire_obj_meta_from_pool(batch.get());
  EXPECT_EQ(again, object) << "the pool reuses elements";
  EXPECT_EQ(again->object_id, UNTRACKED_OBJECT_ID);
  EXPECT_EQ(again->class_id, 0);
  EXPECT_EQ(again->confidence, 0);
  EXPECT_EQ(again->text_params.display_text, nullptr);
  EXPECT_STREQ(again->obj_label, "");
  EXPECT_EQ(again->classifier_meta_list, nullptr);
  EXPECT_EQ(again->parent, nullptr);
  EXPECT_EQ(again->base_meta.batch_meta, batch.get());
  EXPECT_EQ(again->base_meta.meta_type, NVDS_OBJ_META);
  EXPECT_NE(again->base_meta.copy_func, nullptr);
  EXPECT_NE(again->base_meta.release_func, nullptr);
}

TEST(Acquire, PoolsGrowAndListWhatIsInUseInOrder) {
  const auto batch = make_batch(1);
  std::vector<NvDsObjectMeta*> objects;
  for (int i = 0; i < 500; ++i) objects.push_back(nvds_acquire_obj_meta_from_pool(batch.get()));
  EXPECT_EQ(in_use(batch->obj_meta_pool), 500u);
  size_t i = 0;
  for (GList* at = batch->obj_meta_pool->full_list; at != nullptr; at = at->next) EXPECT_EQ(at->data, objects[i++]);
}

TEST(Add, AppendsAtTheEndAndCounts) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  for (int i : {3, 1, 2}) add_object(frame, i);
  EXPECT_THAT(classes(frame), ElementsAre(3, 1, 2));
  EXPECT_EQ(frame->num_obj_meta, 3u);
  EXPECT_EQ(batch->num_frames_in_batch, 1u);
}

TEST(Add, LabelsAreCountedAndParentsKept) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* car = add_object(frame, 0);
  auto* plate = add_object(frame, 1, car);
  auto* classifier = nvds_acquire_classifier_meta_from_pool(batch.get());
  nvds_add_classifier_meta_to_object(plate, classifier);
  for (int i = 0; i < 2; ++i) {
    nvds_add_label_info_meta_to_classifier(classifier, nvds_acquire_label_info_meta_from_pool(batch.get()));
  }
  EXPECT_EQ(plate->parent, car);
  EXPECT_EQ(classifier->num_labels, 2u);
  EXPECT_EQ(g_list_length(classifier->label_info_list), 2u);
  EXPECT_EQ(g_list_length(plate->classifier_meta_list), 1u);
}

TEST(Remove, WhileIteratingWithTheNextPointerSaved) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  for (int i = 0; i < 6; ++i) add_object(frame, i);
  for (GList *at = frame->obj_meta_list, *next = nullptr; at != nullptr; at = next) {
    next = at->next;
    auto* object = static_cast<NvDsObjectMeta*>(at->data);
    if (object->class_id % 2 == 0) nvds_remove_obj_meta_from_frame(frame, object);
  }
  EXPECT_THAT(classes(frame), ElementsAre(1, 3, 5));
  EXPECT_EQ(frame->num_obj_meta, 3u);
  EXPECT_EQ(in_use(batch->obj_meta_pool), 3u);
}

TEST(Remove, OfAnElementThatIsNotInTheListChangesNothing) {
  const auto batch = make_batch();
  auto* first = add_frame(batch.get());
  auto* second = add_frame(batch.get());
  auto* object = add_object(first, 1);
  nvds_remove_obj_meta_from_frame(second, object);
  EXPECT_EQ(first->num_obj_meta, 1u);
  EXPECT_EQ(second->num_obj_meta, 0u);
  EXPECT_EQ(in_use(batch->obj_meta_pool), 1u);
}

TEST(Remove, OfAParentLeavesNoDanglingPointer) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* car = add_object(frame, 0);
  auto* plate = add_object(frame, 1, car);
  nvds_remove_obj_meta_from_frame(frame, car);
  EXPECT_EQ(plate->parent, nullptr);
}

TEST(Remove, OfAFrameReturnsAllItsChildrenToTheirPools) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* object = add_object(frame, 1);
  auto* classifier = nvds_acquire_classifier_meta_from_pool(batch.get());
  nvds_add_label_info_meta_to_classifier(classifier, nvds_acquire_label_info_meta_from_pool(batch.get()));
  nvds_add_classifier_meta_to_object(object, classifier);
  nvds_add_display_meta_to_frame(frame, nvds_acquire_display_meta_from_pool(batch.get()));
  Counts counts;
  nvds_add_user_meta_to_frame(frame, counting_user_meta(batch.get(), counts));
  nvds_add_user_meta_to_obj(object, counting_user_meta(batch.get(), counts));

  nvds_remove_frame_meta_from_batch(batch.get(), frame);
  for (const auto* pool : {batch->frame_meta_pool, batch->obj_meta_pool, batch->classifier_meta_pool,
                           batch->display_meta_pool, batch->user_meta_pool, batch->label_info_meta_pool}) {
    EXPECT_EQ(in_use(pool), 0u) << pool->meta_type;
  }
  EXPECT_EQ(counts.releases, 2);
  EXPECT_EQ(batch->num_frames_in_batch, 0u);
}

TEST(Clear, EmptiesTheOwnersListAndCounter) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  for (int i = 0; i < 3; ++i) add_object(frame, i);
  nvds_clear_obj_meta_list(frame, frame->obj_meta_list);
  EXPECT_EQ(frame->obj_meta_list, nullptr);
  EXPECT_EQ(frame->num_obj_meta, 0u);
  EXPECT_EQ(in_use(batch->obj_meta_pool), 0u);

  add_frame(batch.get());
  nvds_clear_frame_meta_list(batch.get(), batch->frame_meta_list);
  EXPECT_EQ(batch->num_frames_in_batch, 0u);
  EXPECT_EQ(batch->frame_meta_list, nullptr);
}

TEST(Clear, OfAnyListThroughItsPool) {
  const auto batch = make_batch();
  GList* list = nullptr;
  for (int i = 0; i < 3; ++i) list = g_list_append(list, nvds_acquire_display_meta_from_pool(batch.get()));
  EXPECT_EQ(nvds_clear_meta_list(batch.get(), list, batch->display_meta_pool), nullptr);
  EXPECT_EQ(in_use(batch->display_meta_pool), 0u);
}

TEST(UserMeta, IsReleasedExactlyOnceHoweverItEnds) {
  Counts removed, cleared, ended, never_added;
  {
    const auto batch = make_batch();
    auto* user = counting_user_meta(batch.get(), removed);
    nvds_add_user_meta_to_batch(batch.get(), user);
    nvds_remove_user_meta_from_batch(batch.get(), user);
    EXPECT_EQ(removed.releases, 1);
    EXPECT_EQ(user->user_meta_data, nullptr);

    nvds_add_user_meta_to_batch(batch.get(), counting_user_meta(batch.get(), cleared));
    nvds_clear_batch_user_meta_list(batch.get(), batch->batch_user_meta_list);
    nvds_add_user_meta_to_frame(add_frame(batch.get()), counting_user_meta(batch.get(), ended));
    counting_user_meta(batch.get(), never_added);
  }
  EXPECT_EQ(removed.releases, 1);
  EXPECT_EQ(cleared.releases, 1);
  EXPECT_EQ(ended.releases, 1);
  EXPECT_EQ(never_added.releases, 1);
}

TEST(UserMeta, IsCopiedOncePerCopyAndLeftOutWithoutACopyFunction) {
  Counts counts;
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  nvds_add_user_meta_to_frame(frame, counting_user_meta(batch.get(), counts));
  nvds_add_user_meta_to_frame(frame, nvds_acquire_user_meta_from_pool(batch.get()));
  {
    const BatchPointer copy(static_cast<NvDsBatchMeta*>(nvds_batch_meta_copy_func(batch.get(), nullptr)));
    auto* copied = nvds_get_nth_frame_meta(copy->frame_meta_list, 0);
    ASSERT_EQ(g_list_length(copied->frame_user_meta_list), 1u);
    auto* user = static_cast<NvDsUserMeta*>(copied->frame_user_meta_list->data);
    EXPECT_EQ(user->base_meta.meta_type, NVDS_START_USER_META + 7);
    EXPECT_EQ(user->base_meta.batch_meta, copy.get());
    EXPECT_EQ(counts.copies, 1);
    EXPECT_EQ(counts.releases, 0);
  }
  EXPECT_EQ(counts.releases, 1);
}

TEST(Ownership, FontNameIsALiteralAndNeverTouched) {
  static char font[] = "Serif";
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* object = add_object(frame, 0);
  object->text_params.font_params.font_name = font;
  auto* display = nvds_acquire_display_meta_from_pool(batch.get());
  display->num_labels = 1;
  display->text_params[0].display_text = g_strdup("12 candies");
  display->text_params[0].font_params.font_name = font;
  nvds_add_display_meta_to_frame(frame, display);

  const BatchPointer copy(static_cast<NvDsBatchMeta*>(nvds_batch_meta_copy_func(batch.get(), nullptr)));
  auto* copied = nvds_get_nth_frame_meta(copy->frame_meta_list, 0);
  EXPECT_EQ(static_cast<NvDsObjectMeta*>(copied->obj_meta_list->data)->text_params.font_params.font_name, font);
  auto* shown = static_cast<NvDsDisplayMeta*>(copied->display_meta_list->data);
  EXPECT_EQ(shown->text_params[0].font_params.font_name, font);
  EXPECT_STREQ(shown->text_params[0].display_text, "12 candies");
  EXPECT_NE(shown->text_params[0].display_text, display->text_params[0].display_text);
}

TEST(Copy, IsDeepAndInTheOrderOfTheOriginal) {
  const auto batch = make_batch(2);
  batch->misc_batch_info[0] = 42;
  auto* frame = add_frame(batch.get());
  frame->pad_index = 3;
  frame->buf_pts = 1234;
  frame->bInferDone = TRUE;
  auto* car = add_object(frame, 0);
  car->text_params.display_text = g_strdup("car");
  car->mask_params.data = static_cast<float*>(g_malloc(8));
  car->mask_params.data[1] = 0.5f;
  car->mask_params.size = 8;
  auto* plate = add_object(frame, 1, car);
  auto* classifier = nvds_acquire_classifier_meta_from_pool(batch.get());
  classifier->unique_component_id = 2;
  classifier->classifier_type = "colour";
  auto* label = nvds_acquire_label_info_meta_from_pool(batch.get());
  std::strcpy(label->result_label, "red");
  label->pResult_label = g_strdup("a very long red");
  label->result_prob = 0.75f;
  nvds_add_label_info_meta_to_classifier(classifier, label);
  nvds_add_classifier_meta_to_object(plate, classifier);

  BatchPointer copy(static_cast<NvDsBatchMeta*>(nvds_batch_meta_copy_func(batch.get(), nullptr)));
  EXPECT_EQ(copy->max_frames_in_batch, 2u);
  EXPECT_EQ(copy->misc_batch_info[0], 42);
  auto* copied = nvds_get_nth_frame_meta(copy->frame_meta_list, 0);
  EXPECT_EQ(copied->pad_index, 3u);
  EXPECT_EQ(copied->buf_pts, 1234u);
  EXPECT_EQ(copied->bInferDone, TRUE);
  EXPECT_EQ(copied->base_meta.batch_meta, copy.get());
  ASSERT_THAT(classes(copied), ElementsAre(0, 1));
  auto* copied_car = static_cast<NvDsObjectMeta*>(copied->obj_meta_list->data);
  auto* copied_plate = static_cast<NvDsObjectMeta*>(copied->obj_meta_list->next->data);
  EXPECT_EQ(copied_plate->parent, copied_car);
  EXPECT_STREQ(copied_car->text_params.display_text, "car");
  EXPECT_NE(copied_car->text_params.display_text, car->text_params.display_text);
  EXPECT_NE(copied_car->mask_params.data, car->mask_params.data);
  EXPECT_EQ(copied_car->mask_params.data[1], 0.5f);
  auto* copied_classifier = static_cast<NvDsClassifierMeta*>(copied_plate->classifier_meta_list->data);
  EXPECT_EQ(copied_classifier->classifier_type, classifier->classifier_type);
  EXPECT_EQ(copied_classifier->num_labels, 1u);
  auto* copied_label = static_cast<NvDsLabelInfo*>(copied_classifier->label_info_list->data);
  EXPECT_STREQ(copied_label->result_label, "red");
  EXPECT_STREQ(copied_label->pResult_label, "a very long red");
  EXPECT_NE(copied_label->pResult_label, label->pResult_label);
  EXPECT_EQ(copied_label->result_prob, 0.75f);
}

TEST(Copy, OntoAUsedElementFreesWhatItHad) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  auto* first = add_object(frame, 1);
  auto* second = add_object(frame, 2);
  first->text_params.display_text = g_strdup("first");
  second->text_params.display_text = g_strdup("second, freed by the copy or reported as a leak");
  nvds_copy_obj_meta(first, second);
  EXPECT_STREQ(second->text_params.display_text, "first");
  EXPECT_EQ(second->class_id, 1);
}

TEST(Copy, ThroughTheElementsOwnCopyFunction) {
  const auto batch = make_batch();
  const auto other = make_batch();
  auto* object = add_object(add_frame(batch.get()), 9);
  auto* copy = static_cast<NvDsObjectMeta*>(object->base_meta.copy_func(object, other.get()));
  EXPECT_EQ(copy->class_id, 9);
  EXPECT_EQ(copy->base_meta.batch_meta, other.get());
  EXPECT_EQ(in_use(other->obj_meta_pool), 1u);
}

TEST(FrameList, NthAndBeyondTheEnd) {
  const auto batch = make_batch();
  add_frame(batch.get());
  auto* second = add_frame(batch.get());
  EXPECT_EQ(nvds_get_nth_frame_meta(batch->frame_meta_list, 1), second);
  EXPECT_EQ(nvds_get_nth_frame_meta(batch->frame_meta_list, 2), nullptr);
}

TEST(UserMetaType, IsTheSameForTheSameText) {
  char first[] = "EDGESTREAM.TEST.FIRST", second[] = "EDGESTREAM.TEST.SECOND";
  const auto type = nvds_get_user_meta_type(first);
  EXPECT_GE(type, NVDS_START_USER_META);
  EXPECT_EQ(nvds_get_user_meta_type(first), type);
  EXPECT_NE(nvds_get_user_meta_type(second), type);
}

TEST(StatusNames, AreThoseOfTheEnumerators) {
  EXPECT_STREQ(NvDsInferStatus2Str(NVDSINFER_SUCCESS), "NVDSINFER_SUCCESS");
  EXPECT_STREQ(NvDsInferStatus2Str(NVDSINFER_TRITON_ERROR), "NVDSINFER_TRITON_ERROR");
  EXPECT_STREQ(NvDsInferStatus2Str(NVDSINFER_MEM_ERROR), "NVDSINFER_MEM_ERROR");
  EXPECT_STREQ(NvDsInferStatus2Str(static_cast<NvDsInferStatus>(99)), "not an NvDsInferStatus");
}

// What parallel secondary engines do: each adds and removes metadata of its own on the same frame.
TEST(Threads, ManyBranchesWorkOnOneBatch) {
  const auto batch = make_batch();
  auto* frame = add_frame(batch.get());
  constexpr int branches = 4, rounds = 500;
  std::vector<std::thread> threads;
  for (int branch = 0; branch < branches; ++branch) {
    threads.emplace_back([&, branch] {
      for (int i = 0; i < rounds; ++i) {
        nvds_acquire_meta_lock(batch.get());
        auto* object = add_object(frame, branch);
        auto* classifier = nvds_acquire_classifier_meta_from_pool(batch.get());
        nvds_add_classifier_meta_to_object(object, classifier);
        if (i % 2 == 0) nvds_remove_obj_meta_from_frame(frame, object);
        nvds_release_meta_lock(batch.get());
        nvds_acquire_display_meta_from_pool(batch.get());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(frame->num_obj_meta, unsigned{branches * rounds / 2});
  EXPECT_EQ(in_use(batch->obj_meta_pool), unsigned{branches * rounds / 2});
  EXPECT_EQ(in_use(batch->display_meta_pool), unsigned{branches * rounds});
}

}  // namespace
