// The definitions that the plan, the packing and the kernels of every instruction set share.
#ifndef CK_INTERNAL_H
#define CK_INTERNAL_H

#include <string.h>

#include "CKernels.h"

enum { CK_MAX_KERNEL = 256 };  // rows or columns of a kernel
enum { CK_GEMM_ROWS = 4 };     // outputs in a task of a small product

static inline int ck_min(int a, int b) { return a < b ? a : b; }
static inline int ck_max(int a, int b) { return a > b ? a : b; }

// Element `index` of floats of any alignment.
static inline float ck_read_float(const void *base, int64_t index) {
  float value;
  memcpy(&value, (const char *)base + index * (int64_t)sizeof value, sizeof value);
  return value;
}

typedef struct {
  int first, count;
} ck_block_range;

// The input blocks that a weight panel reads: all of them, or with groups those of its own groups.
static inline ck_block_range ck_panel_inputs(const ck_conv_shape *c, int panel, int panel_blocks) {
  const int group_in = c->in_channels / c->groups, group_out = c->out_channels / c->groups;
  const int low = panel * panel_blocks * 16;
  const int high = ck_min(low + panel_blocks * 16, c->out_channels);
  const int first = low / group_out * group_in / 16;
  const int last = ck_blocks(((high - 1) / group_out + 1) * group_in);
  return (ck_block_range){first, last - first};
}

// A 1x1 convolution without padding or groups.
static inline bool ck_is_pointwise(const ck_conv_shape *c) {
  return c->kernel_height == 1 && c->kernel_width == 1 && c->pad_top == 0 && c->pad_left == 0 && c->groups == 1;
}

static inline bool ck_can_winograd(const ck_conv_shape *c) {
  return c->kernel_height == 3 && c->kernel_width == 3 && c->stride_y == 1 && c->stride_x == 1 &&
         c->dilation_y == 1 && c->dilation_x == 1 && c->groups == 1;
}

// Whether sizes are positive and fit each other, and no position overflows.
bool ck_is_valid_shape(const ck_conv_shape *c);

// The kernels of one instruction set, and the facts about them that the plan needs.
typedef struct {
  int panel_blocks;  // 16-channel output blocks in a weight panel
  void (*conv[CK_CONV_WINOGRAD4 + 1])(const ck_conv_plan *, const float *packed, const ck_view *in,
                                      const ck_view *out, const ck_epilogue *, float *scratch,
                                      int64_t begin, int64_t end);
  void (*winograd_pack)(const ck_conv_plan *, const char *weights, const float *scale, float *packed, int panel);
  void (*pool)(const ck_pool_shape *, const ck_view *in, const ck_view *out, int64_t begin, int64_t end);
  void (*global_average_pool)(int channels, int height, int width, const ck_view *in, const ck_view *out,
                              int64_t begin, int64_t end);
  void (*binary)(ck_binary_operator, const float *a, const float *b, float *out, size_t count, float low,
                 float high);
  void (*clamp)(const float *a, float *out, size_t count, float low, float high);
  void (*scale_block)(const float *a, const float *factors, float *out, size_t pixels);
  void (*shift_block)(const float *a, const float *terms, float *out, size_t pixels);
  void (*gemm)(const ck_gemm *, int64_t begin, int64_t end);
  void (*tap_sum)(const float *const *runs, const float *weights, size_t taps, float *out, size_t count);
  void (*tap_products)(const float *const *runs, const float *factors, size_t taps, float *products, size_t count);
  double (*peak_fma)(long rounds, float *sink);
  float (*peak_read)(const float *data, size_t count);
} ck_kernels;

// The kernels of `isa`, or NULL where this build has none.
const ck_kernels *ck_kernels_of(ck_isa isa);

#endif
