// SPDX-License-Identifier: Apache-2.0
//
// What is drawn onto a picture: rectangles, texts, masks, lines, arrows, circles. Layout of DeepStream 9.1.
//
// Pixels are counted from the top-left corner of the picture the metadata belongs to at that place of the pipeline.
// Colours are four doubles from 0 to 1. Booleans are 0 or 1.
#ifndef __NVLL_OSD_STRUCT_DEFS__
#define __NVLL_OSD_STRUCT_DEFS__

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Who draws: `process-mode` of nvdsosd. Everything is drawn on the CPU here, in either mode.
typedef enum { MODE_CPU = 0, MODE_GPU = 1, MODE_NONE = 2 } NvOSD_Mode;

typedef struct _NvBbox_Coords {
  float left;
  float top;
  float width;
  float height;
} NvBbox_Coords;

typedef struct _NvOSD_ColorParams {
  double red;
  double green;
  double blue;
  double alpha;
} NvOSD_ColorParams;

typedef struct _NvOSD_Color_info {
  int id;
  NvOSD_ColorParams color;
} NvOSD_Color_info;

// font_name is a static string: the metadata library neither copies nor frees it. font_size in points.
typedef struct _NvOSD_FontParams {
  char* font_name;
  unsigned int font_size;
  NvOSD_ColorParams font_color;
} NvOSD_FontParams;

// display_text comes from g_malloc() and belongs to the metadata; NULL draws nothing. The offsets are unsigned: what
// would be negative must be clamped to 0 by who writes them.
typedef struct _NvOSD_TextParams {
  char* display_text;
  unsigned int x_offset;
  unsigned int y_offset;
  NvOSD_FontParams font_params;
  int set_bg_clr;
  NvOSD_ColorParams text_bg_clr;
} NvOSD_TextParams;

// A box: border_width 0 draws no border, has_bg_color 1 fills it. rotation_angle in degrees.
typedef struct _NvOSD_RectParams {
  float left;
  float top;
  float width;
  float height;
  unsigned int border_width;
  NvOSD_ColorParams border_color;
  unsigned int has_bg_color;
  unsigned int reserved;
  NvOSD_ColorParams bg_color;
  int has_color_info;
  int color_id;
  float rotation_angle;
} NvOSD_RectParams;

// width x height floats over the object's box, `size` in bytes, from g_malloc(), owned by the object's metadata. Values
// above `threshold` are painted.
typedef struct _NvOSD_MaskParams {
  float* data;
  unsigned int size;
  float threshold;
  unsigned int width;
  unsigned int height;
} NvOSD_MaskParams;

typedef struct _NvOSD_LineParams {
  unsigned int x1;
  unsigned int y1;
  unsigned int x2;
  unsigned int y2;
  unsigned int line_width;
  NvOSD_ColorParams line_color;
} NvOSD_LineParams;

typedef enum { START_HEAD = 0, END_HEAD = 1, BOTH_HEAD = 2 } NvOSD_Arrow_Head_Direction;

typedef struct _NvOSD_ArrowParams {
  unsigned int x1;
  unsigned int y1;
  unsigned int x2;
  unsigned int y2;
  unsigned int arrow_width;
  NvOSD_Arrow_Head_Direction arrow_head;
  NvOSD_ColorParams arrow_color;
  unsigned int reserved;
} NvOSD_ArrowParams;

typedef struct _NvOSD_CircleParams {
  unsigned int xc;
  unsigned int yc;
  unsigned int radius;
  NvOSD_ColorParams circle_color;
  unsigned int has_bg_color;
  NvOSD_ColorParams bg_color;
  unsigned int circle_width;
  unsigned int reserved;
} NvOSD_CircleParams;

#ifdef __cplusplus
}
#endif

#endif  // __NVLL_OSD_STRUCT_DEFS__
