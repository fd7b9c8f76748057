// SPDX-License-Identifier: Apache-2.0
//
// Sizes, offsets and numbers as gcc has them for DeepStream 9.1's own headers on x86-64 and arm64. Compiling is the
// test.
#include <gtest/gtest.h>

#include <cstddef>

#include "edgestream/deepstream/nvbufsurface.h"
#include "edgestream/deepstream/nvbufsurftransform.h"
#include "edgestream/deepstream/nvds_roi_meta.h"
#include "edgestream/deepstream/nvdsinfer_custom_impl.h"
#include "edgestream/deepstream/nvdsmeta.h"
#include "edgestream/deepstream/nvll_osd_struct.h"

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define AT(type, member, offset) static_assert(offsetof(type, member) == (offset), #type "::" #member)

SIZE(NvDsBaseMeta, 40);
SIZE(NvDsMetaPool, 56);
SIZE(NvDsBatchMeta, 192);
SIZE(NvDsFrameMeta, 232);
SIZE(NvDsObjectMeta, 552);
SIZE(NvDsClassifierMeta, 64);
SIZE(NvDsLabelInfo, 200);
SIZE(NvDsDisplayMeta, 7040);
SIZE(NvDsUserMeta, 48);
SIZE(NvDsRoiMeta, 248);

AT(NvDsBatchMeta, frame_meta_list, 96);
AT(NvDsFrameMeta, pad_index, 40);
AT(NvDsFrameMeta, bInferDone, 100);
AT(NvDsFrameMeta, obj_meta_list, 104);
AT(NvDsFrameMeta, pipeline_width, 160);
AT(NvDsObjectMeta, parent, 40);
AT(NvDsObjectMeta, unique_component_id, 48);
AT(NvDsObjectMeta, class_id, 52);
AT(NvDsObjectMeta, object_id, 56);
AT(NvDsObjectMeta, detector_bbox_info, 64);
AT(NvDsObjectMeta, tracker_bbox_info, 80);
AT(NvDsObjectMeta, confidence, 96);
AT(NvDsObjectMeta, tracker_confidence, 100);
AT(NvDsObjectMeta, rect_params, 104);
AT(NvDsObjectMeta, mask_params, 216);
AT(NvDsObjectMeta, text_params, 240);
AT(NvDsObjectMeta, obj_label, 344);
AT(NvDsObjectMeta, classifier_meta_list, 472);
AT(NvDsObjectMeta, obj_user_meta_list, 480);
AT(NvDsObjectMeta, misc_obj_info, 488);
AT(NvDsObjectMeta, reserved, 520);
AT(NvDsClassifierMeta, num_labels, 40);
AT(NvDsClassifierMeta, unique_component_id, 44);
AT(NvDsClassifierMeta, label_info_list, 48);
AT(NvDsClassifierMeta, classifier_type, 56);
AT(NvDsLabelInfo, num_classes, 40);
AT(NvDsLabelInfo, result_label, 44);
AT(NvDsLabelInfo, pResult_label, 176);
AT(NvDsLabelInfo, result_class_id, 184);
AT(NvDsLabelInfo, label_id, 188);
AT(NvDsLabelInfo, result_prob, 192);

SIZE(NvOSD_RectParams, 112);
SIZE(NvOSD_TextParams, 104);
SIZE(NvOSD_MaskParams, 24);
SIZE(NvOSD_LineParams, 56);
SIZE(NvOSD_ArrowParams, 64);
SIZE(NvOSD_CircleParams, 96);
AT(NvOSD_RectParams, border_width, 16);
AT(NvOSD_RectParams, border_color, 24);
AT(NvOSD_RectParams, has_bg_color, 56);
AT(NvOSD_RectParams, bg_color, 64);
AT(NvOSD_RectParams, has_color_info, 96);
AT(NvOSD_RectParams, color_id, 100);
AT(NvOSD_RectParams, rotation_angle, 104);

SIZE(NvBufSurface, 72);
SIZE(NvBufSurfaceParams, 416);
SIZE(NvBufSurfacePlaneParams, 232);
SIZE(NvBufSurfacePlaneParamsEx, 256);
SIZE(NvBufSurfaceMappedAddr, 88);
SIZE(NvBufSurfaceParamsEx, 312);
SIZE(NvBufSurfaceCreateParams, 64);
SIZE(NvBufSurfaceAllocateParams, 120);
SIZE(NvBufSurfaceMapParams, 504);
SIZE(NvBufSurfaceDeviceInfo, 72);
AT(NvBufSurface, surfaceList, 24);
AT(NvBufSurfaceParams, dataPtr, 40);
AT(NvBufSurfaceParams, planeParams, 48);
AT(NvBufSurfaceParams, mappedAddr, 280);
AT(NvBufSurfaceParams, paramex, 368);

SIZE(NvDsInferDims, 40);
SIZE(NvDsInferDimsCHW, 12);
SIZE(NvDsInferLayerInfo, 72);
SIZE(NvDsInferNetworkInfo, 12);
SIZE(NvDsInferObjectDetectionInfo, 28);
SIZE(NvDsInferInstanceMaskInfo, 48);
SIZE(NvDsInferAttribute, 24);
SIZE(NvDsInferParseDetectionParams, 64);
SIZE(NvDsInferBatchDims, 44);
SIZE(NvDsInferBatchDimsLayerInfo, 208);
AT(NvDsInferLayerInfo, inferDims, 4);
AT(NvDsInferLayerInfo, bindingIndex, 44);
AT(NvDsInferLayerInfo, layerName, 48);
AT(NvDsInferLayerInfo, buffer, 56);
AT(NvDsInferLayerInfo, isInput, 64);
AT(NvDsInferInstanceMaskInfo, mask, 24);
AT(NvDsInferAttribute, attributeLabel, 16);

static_assert(NVDS_OBJ_META_NVDSANALYTICS == 33 && NVDS_START_USER_META == 8193);
static_assert(NVBUF_COLOR_FORMAT_YUV420 == 2 && NVBUF_COLOR_FORMAT_NV12 == 6 && NVBUF_COLOR_FORMAT_RGBA == 19);
static_assert(NVBUF_COLOR_FORMAT_NV12_709_ER == 34 && NVBUF_COLOR_FORMAT_LAST == 113);
static_assert(NVBUF_MEM_SYSTEM == 6 && NvBufSurfTransformInter_Default == 6);
static_assert(NVDSINFER_UNKNOWN_ERROR == 10 && NVDSINFER_TRTIS_ERROR == 8);

// A parser as other people write it; the macros with and without a semicolon behind them.
extern "C" bool parse_nothing(std::vector<NvDsInferLayerInfo> const&, NvDsInferNetworkInfo const&,
                              NvDsInferParseDetectionParams const& params, std::vector<NvDsInferParseObjectInfo>&) {
  return params.perClassThreshold.empty();
}
CHECK_CUSTOM_PARSE_FUNC_PROTOTYPE(parse_nothing);
CHECK_CUSTOM_PARSE_FUNC_PROTOTYPE(parse_nothing)

TEST(DetectionParams, OldNameOfTheThresholdsIsTheSameVector) {
  NvDsInferParseDetectionParams params{};
  params.perClassPreclusterThreshold = {0.25f, 0.5f};
  EXPECT_EQ(&params.perClassThreshold, &params.perClassPreclusterThreshold);
  EXPECT_EQ(params.perClassThreshold.size(), 2u);
}
