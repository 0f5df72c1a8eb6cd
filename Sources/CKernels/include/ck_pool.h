/// Pooling over NCHW16c.
#ifndef CK_POOL_H
#define CK_POOL_H

#include <stdint.h>

#include "ck_isa.h"
#include "ck_view.h"

typedef enum {
  CK_POOL_MAX = 0,
  CK_POOL_AVERAGE = 1,              ///< ONNX `count_include_pad` 0: the mean of the elements that exist
  CK_POOL_AVERAGE_WITH_PADDING = 2,  ///< `count_include_pad` 1: padding counts, as zeros
} ck_pool_kind;

/// The shape of a pooling: ONNX `MaxPool` and `AveragePool` over two spatial axes.
///
/// All sizes are positive, paddings are not negative, and every window reaches at least one element.
typedef struct {
  ck_pool_kind kind;
  int batch, channels;
  int in_height, in_width, out_height, out_width;
  int kernel_height, kernel_width;
  int stride_y, stride_x;
  int dilation_y, dilation_x;
  int pad_top, pad_left, pad_bottom, pad_right;
} ck_pool_shape;

/// Tasks of a pooling: output rows of blocks of samples.
int64_t ck_pool_tasks(const ck_pool_shape *shape);

/// Pools tasks `[begin, end)`.
void ck_pool_run(ck_isa isa, const ck_pool_shape *shape, const ck_view *in, const ck_view *out,
                 int64_t begin, int64_t end);

/// Writes the mean over height and width of each channel: tasks `[begin, end)` of
/// `batch * ck_blocks(channels)`. `out->row` is not used.
void ck_global_average_pool(ck_isa isa, int channels, int height, int width, const ck_view *in,
                            const ck_view *out, int64_t begin, int64_t end);

#endif
