// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "edgestream/deepstream/gstnvdsmeta.h"
#include "nvds/gst_testing.h"

namespace {

class GstMetaTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  static GstBuffer* batch_buffer() {
    GstBuffer* buffer = gst_buffer_new();
    NvDsBatchMeta* batch = nvds_create_batch_meta(1);
    nvds_add_frame_meta_to_batch(batch, nvds_acquire_frame_meta_from_pool(batch));
    NvDsMeta* meta =
        gst_buffer_add_nvds_meta(buffer, batch, nullptr, nvds_batch_meta_copy_func, nvds_batch_meta_release_func);
    meta->meta_type = NVDS_BATCH_GST_META;
    return buffer;
  }
};

TEST_F(GstMetaTest, ABufferThatIsNoBatchHasNone) {
  GstBuffer* buffer = gst_buffer_new();
  EXPECT_EQ(gst_buffer_get_nvds_batch_meta(buffer), nullptr);
  EXPECT_EQ(gst_buffer_get_nvds_meta(buffer), nullptr);
  EXPECT_EQ(gst_buffer_get_nvds_batch_meta(nullptr), nullptr);
  gst_buffer_unref(buffer);
}

TEST_F(GstMetaTest, ACopyOfTheBufferHasACopyOfTheBatch) {
  GstBuffer* buffer = batch_buffer();
  GstBuffer* copy = gst_buffer_copy(buffer);
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
  NvDsBatchMeta* copied = gst_buffer_get_nvds_batch_meta(copy);
  ASSERT_NE(copied, nullptr);
  EXPECT_NE(copied, batch);
  EXPECT_EQ(copied->num_frames_in_batch, 1u);
  gst_buffer_unref(buffer);
  EXPECT_EQ(copied->num_frames_in_batch, 1u) << "the copy outlives the original";
  gst_buffer_unref(copy);
}

TEST_F(GstMetaTest, TheLastOneAttachedAndTheBatchAreFoundApart) {
  GstBuffer* buffer = batch_buffer();
  static int own = 0;
  NvDsMeta* meta = gst_buffer_add_nvds_meta(buffer, &own, nullptr, nullptr, nullptr);
  meta->meta_type = NVDS_DECODER_GST_META;
  EXPECT_EQ(gst_buffer_get_nvds_meta(buffer), meta);
  EXPECT_NE(gst_buffer_get_nvds_batch_meta(buffer), nullptr);

  GstBuffer* copy = gst_buffer_copy(buffer);
  EXPECT_EQ(gst_buffer_get_nvds_meta(copy)->meta_type, NVDS_BATCH_GST_META)
      << "without a copy function it stays behind";
  gst_buffer_unref(copy);
  gst_buffer_unref(buffer);
}

TEST_F(GstMetaTest, ASharedBufferIsNotChanged) {
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_ref(buffer);
  EXPECT_EQ(gst_buffer_add_nvds_meta(buffer, nullptr, nullptr, nullptr, nullptr), nullptr);
  gst_buffer_unref(buffer);
  gst_buffer_unref(buffer);
}

// As applications write it: both functions are given an NvDsUserMeta.
gpointer duplicate(gpointer data, gpointer) {
  return g_strdup(static_cast<char*>(static_cast<NvDsUserMeta*>(data)->user_meta_data));
}
void end_duplicate(gpointer data, gpointer) { g_free(static_cast<NvDsUserMeta*>(data)->user_meta_data); }

TEST_F(GstMetaTest, MetadataAttachedBeforeTheMuxerBecomesTheFrames) {
  GstBuffer* source = gst_buffer_new();
  NvDsMeta* meta = gst_buffer_add_nvds_meta(source, g_strdup("from the decoder"), nullptr, nullptr,
                                            [](gpointer data, gpointer) { g_free(data); });
  meta->meta_type = NVDS_START_USER_META + 3;
  meta->gst_to_nvds_meta_transform_func = duplicate;
  meta->gst_to_nvds_meta_release_func = end_duplicate;

  NvDsBatchMeta* batch = nvds_create_batch_meta(1);
  NvDsFrameMeta* frame = nvds_acquire_frame_meta_from_pool(batch);
  nvds_add_frame_meta_to_batch(batch, frame);
  nvds_copy_gst_meta_to_frame_meta(source, batch, frame);
  gst_buffer_unref(source);

  ASSERT_EQ(g_list_length(frame->frame_user_meta_list), 1u);
  auto* user = static_cast<NvDsUserMeta*>(frame->frame_user_meta_list->data);
  EXPECT_EQ(user->base_meta.meta_type, NVDS_START_USER_META + 3);
  EXPECT_STREQ(static_cast<char*>(user->user_meta_data), "from the decoder");
  nvds_destroy_batch_meta(batch);
}

}  // namespace
