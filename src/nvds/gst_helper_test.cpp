// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "edgestream/deepstream/gst-nvdscustomevent.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gst-nvmessage.h"
#include "edgestream/deepstream/gst-nvquery.h"
#include "nvds/gst_testing.h"

namespace {

class GstHelperTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

TEST_F(GstHelperTest, EventsHaveDeepStreamsNumbersAndFlags) {
  EXPECT_EQ(static_cast<guint>(GST_NVEVENT_PAD_ADDED) >> GST_EVENT_NUM_SHIFT, 400u);
  EXPECT_EQ(static_cast<guint>(GST_NVEVENT_UPDATE_CAPS) >> GST_EVENT_NUM_SHIFT, 406u);
  EXPECT_EQ(static_cast<guint>(GST_NVEVENT_INFER_INTERVAL_UPDATE) >> GST_EVENT_NUM_SHIFT, 407u);
  GstEvent* event = gst_nvevent_new_stream_eos(7);
  const auto flags = gst_event_type_get_flags(GST_EVENT_TYPE(event));
  EXPECT_EQ(static_cast<guint>(flags), static_cast<guint>(NVEVENT_FLAGS_));
  gst_event_unref(event);
}

TEST_F(GstHelperTest, TheSourceIdComesBack) {
  GstEvent* event = gst_nvevent_new_pad_added(7);
  guint source = 0;
  gst_nvevent_parse_pad_added(event, &source);
  EXPECT_EQ(source, 7u);
  source = 99;
  gst_nvevent_parse_pad_deleted(event, &source);
  EXPECT_EQ(source, 99u) << "another event says nothing";
  gst_event_unref(event);
}

TEST_F(GstHelperTest, SegmentAndStreamComeBack) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = 5;
  GstEvent* event = gst_nvevent_new_stream_segment(2, &segment);
  guint source = 0;
  GstSegment* parsed = nullptr;
  gst_nvevent_parse_stream_segment(event, &source, &parsed);
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(parsed->start, 5u);
  EXPECT_EQ(source, 2u);
  gst_segment_free(parsed);
  gst_event_unref(event);

  gchar name[] = "camera/1";
  event = gst_nvevent_new_stream_start(3, name);
  gchar* text = nullptr;
  gst_nvevent_parse_stream_start(event, &source, &text);
  EXPECT_STREQ(text, "camera/1");
  EXPECT_EQ(source, 3u);
  g_free(text);
  gst_event_unref(event);
}

TEST_F(GstHelperTest, EachSourceKeepsItsOwnStickyEvent) {
  GstPad* pad = gst_pad_new("src", GST_PAD_SRC);
  gst_pad_set_active(pad, TRUE);
  for (guint source : {0u, 1u}) gst_pad_store_sticky_event(pad, gst_nvevent_new_pad_added(source));
  const auto type = static_cast<GstEventType>(GST_NVEVENT_PAD_ADDED);
  guint sum = 0;
  for (guint i = 0; i < 2; ++i) {
    GstEvent* event = gst_pad_get_sticky_event(pad, type, i);
    ASSERT_NE(event, nullptr) << i;
    guint source = 0;
    gst_nvevent_parse_pad_added(event, &source);
    sum += source;
    gst_event_unref(event);
  }
  EXPECT_EQ(sum, 1u);
  gst_object_unref(pad);
}

TEST_F(GstHelperTest, IntervalUpdateCarriesTheInterval) {
  GstEvent* event = gst_nvevent_infer_interval_update(nullptr, 4);
  guint interval = 0;
  gst_nvevent_parse_infer_interval_update(event, nullptr, &interval);
  EXPECT_EQ(interval, 4u);
  gst_event_unref(event);
}

TEST_F(GstHelperTest, EndOfOneStreamIsRecognisedOnTheBus) {
  GstMessage* message = gst_nvmessage_new_stream_eos(nullptr, 3);
  guint source = 0;
  EXPECT_TRUE(gst_nvmessage_is_stream_eos(message));
  EXPECT_TRUE(gst_nvmessage_parse_stream_eos(message, &source));
  EXPECT_EQ(source, 3u);
  gst_message_unref(message);

  message = gst_message_new_eos(nullptr);
  EXPECT_FALSE(gst_nvmessage_is_stream_eos(message));
  EXPECT_FALSE(gst_nvmessage_parse_stream_eos(message, &source));
  gst_message_unref(message);
}

TEST_F(GstHelperTest, QueriesAreAnsweredOrNot) {
  GstQuery* query = gst_nvquery_batch_size_new();
  guint value = 0;
  EXPECT_TRUE(gst_nvquery_is_batch_size(query));
  EXPECT_FALSE(gst_nvquery_is_numStreams_size(query));
  EXPECT_FALSE(gst_nvquery_batch_size_parse(query, &value)) << "not answered yet";
  gst_nvquery_batch_size_set(query, 8);
  EXPECT_TRUE(gst_nvquery_batch_size_parse(query, &value));
  EXPECT_EQ(value, 8u);
  EXPECT_FALSE(gst_nvquery_numStreams_size_parse(query, &value));
  gst_query_unref(query);
}

}  // namespace
