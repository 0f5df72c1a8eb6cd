// Moves between layouts. Bound by memory: one version for all instruction sets.

#include <string.h>

#include "internal.h"

typedef float float4 __attribute__((vector_size(16)));
typedef float float4_unaligned __attribute__((vector_size(16), aligned(4), may_alias));

// Sixteen lanes, each with its own source and distance between pixels, into one plane.
static void merge_lanes(const float *const lanes[16], ptrdiff_t step, float *to, int pixels) {
  for (ptrdiff_t p = 0; p < pixels; p++, to += 16)
    for (int l = 0; l < 16; l += 4)
      *(float4_unaligned *)(to + l) = (float4){lanes[l][p * step], lanes[l + 1][p * step],
                                              lanes[l + 2][p * step], lanes[l + 3][p * step]};
}

// The source of the lanes beyond the channels: enough zeros for a stretch of pixels.
enum { kStretch = 64 };
static const float zeros[kStretch * 16];

static void merge(const float *const lanes[16], int used, ptrdiff_t step, float *to, int pixels) {
  for (int p = 0; p < pixels; p += kStretch) {
    const float *at[16];
    for (int l = 0; l < 16; l++) at[l] = l < used ? lanes[l] + p * step : zeros;
    merge_lanes(at, step, to + (ptrdiff_t)p * 16, ck_min(kStretch, pixels - p));
  }
}

void ck_from_nchw(const float *from, const ck_view *to, int channels, int height, int width, int64_t begin,
                  int64_t end) {
  const int blocks = ck_blocks(channels);
  const ptrdiff_t plane = (ptrdiff_t)height * width;
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, channels - (int)block * 16);
    float *out = to->data + n * to->sample + block * to->block;
    for (int y = 0; y < height; y++) {
      const float *lanes[16] = {0};
      for (int l = 0; l < used; l++) lanes[l] = from + (n * channels + block * 16 + l) * plane + (ptrdiff_t)y * width;
      merge(lanes, used, 1, out + y * to->row, width);
    }
  }
}

void ck_gather_channels(const ck_view *from, const ck_view *to, const int32_t *indices, int64_t index_sample,
                        int count, int height, int width, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(count);
  const bool dense = from->row == (ptrdiff_t)width * 16 && to->row == from->row;
  const int rows = dense ? 1 : height, pixels = dense ? height * width : width;
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, count - (int)block * 16);
    const int32_t *index = indices + n * index_sample + block * 16;
    float *out = to->data + n * to->sample + block * to->block;
    for (int y = 0; y < rows; y++) {
      const float *lanes[16] = {0};
      for (int l = 0; l < used; l++)
        lanes[l] = from->data + n * from->sample + index[l] / 16 * from->block + index[l] % 16 + y * from->row;
      merge(lanes, used, 16, out + y * to->row, pixels);
    }
  }
}

void ck_to_nchw(const ck_view *from, float *to, int channels, int height, int width, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(channels);
  const ptrdiff_t plane = (ptrdiff_t)height * width;
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, channels - (int)block * 16);
    for (int y = 0; y < height; y++) {
      const float *in = from->data + n * from->sample + block * from->block + y * from->row;
      float *out = to + (n * channels + block * 16) * plane + (ptrdiff_t)y * width;
      for (ptrdiff_t x = 0; x < width; x++)
        for (int l = 0; l < used; l++) out[l * plane + x] = in[x * 16 + l];
    }
  }
}

void ck_clear_halo(const ck_view *view, int channels, int height, int width, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(channels), halo = view->halo;
  const size_t line = (size_t)(width + 2 * halo) * 16 * sizeof(float), side = (size_t)halo * 16 * sizeof(float);
  for (int64_t task = begin; task < end; task++) {
    float *plane = view->data + task / blocks * view->sample + task % blocks * view->block - halo * 16;
    for (int y = 0; y < halo; y++) {
      memset(plane - (y + 1) * view->row, 0, line);
      memset(plane + (height + y) * view->row, 0, line);
    }
    for (int y = 0; y < height; y++) {
      memset(plane + y * view->row, 0, side);
      memset(plane + y * view->row + (ptrdiff_t)(width + halo) * 16, 0, side);
    }
  }
}
