/// A view of an activation in NCHW16c.
#ifndef CK_VIEW_H
#define CK_VIEW_H

#include <stddef.h>

/// A view of an activation in NCHW16c: the address of element (n, c, y, x).
///
/// `data` points at element (0, 0, 0, 0). A view may carry a `halo`: that many zero pixels above,
/// below, left and right of each plane, so that `row >= (width + 2 * halo) * 16`. No kernel needs one
/// (missing taps are skipped); a convolution whose padding lies inside the halo has less to test.
typedef struct {
  float *data;
  ptrdiff_t row;     ///< floats from a pixel to the one below; `width * 16` when dense
  ptrdiff_t block;   ///< floats from a block of 16 channels to the next; `height * row` when dense
  ptrdiff_t sample;  ///< floats from a sample to the next
  int halo;          ///< zero pixels around each plane
} ck_view;

/// Blocks of 16 channels that hold `channels` channels.
static inline int ck_blocks(int channels) { return channels / 16 + (channels % 16 != 0); }

/// The dense view, without halo, of a buffer of `batch * ck_blocks(channels) * height * width * 16` floats.
static inline ck_view ck_dense_view(float *data, int channels, int height, int width) {
  const ptrdiff_t row = (ptrdiff_t)width * 16, block = row * height;
  return (ck_view){data, row, block, block * ck_blocks(channels), 0};
}

#endif
