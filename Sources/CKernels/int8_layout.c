// Moves of bytes between layouts, gathers, and maps by tables. Bound by memory: one version for all instruction sets.

#include "internal.h"

void ck_q_map(const uint8_t *table, const void *in, void *out, size_t count) {
  const uint8_t *from = in;
  uint8_t *to = out;
  for (size_t i = 0; i < count; i++) to[i] = table[from[i]];
}

// The source of lanes beyond the channels: enough zeros for a stretch of pixels.
enum { kStretch = 64 };
static const uint8_t zeros[kStretch * 16];

// Sixteen lanes, each with its own source, `step` bytes from pixel to pixel.
static void merge(const uint8_t *const lanes[16], int used, ptrdiff_t step, uint8_t *to, int64_t pixels) {
  for (int64_t p = 0; p < pixels; p += kStretch) {
    const int64_t count = pixels - p < kStretch ? pixels - p : kStretch;
    const uint8_t *at[16];
    for (int l = 0; l < 16; l++) at[l] = l < used ? lanes[l] + p * step : zeros;
    for (int64_t i = 0; i < count; i++, to += 16) {
      uint64_t low = 0, high = 0;
      for (int l = 0; l < 8; l++) {
        low |= (uint64_t)at[l][i * step] << (8 * l);
        high |= (uint64_t)at[l + 8][i * step] << (8 * l);
      }
      memcpy(to, &low, 8);
      memcpy(to + 8, &high, 8);
    }
  }
}

void ck_q_from_nchw(const void *from, void *to, int channels, int64_t pixels, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(channels);
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, channels - (int)block * 16);
    const uint8_t *lanes[16] = {0};
    for (int l = 0; l < used; l++) lanes[l] = (const uint8_t *)from + (n * channels + block * 16 + l) * pixels;
    merge(lanes, used, 1, (uint8_t *)to + task * pixels * 16, pixels);
  }
}

void ck_q_to_nchw(const void *from, void *to, int channels, int64_t pixels, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(channels);
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, channels - (int)block * 16);
    const uint8_t *in = (const uint8_t *)from + task * pixels * 16;
    uint8_t *out = (uint8_t *)to + (n * channels + block * 16) * pixels;
    for (int64_t p = 0; p < pixels; p++)
      for (int l = 0; l < used; l++) out[l * pixels + p] = in[p * 16 + l];
  }
}

void ck_q_gather_channels(const void *from, void *to, const int32_t *places, int count, int64_t pixels, int64_t begin,
                          int64_t end) {
  const int blocks = ck_blocks(count);
  for (int64_t task = begin; task < end; task++) {
    const int64_t n = task / blocks, block = task % blocks;
    const int used = ck_min(16, count - (int)block * 16);
    const int32_t *place = places + n * count + block * 16;
    const uint8_t *lanes[16] = {0};
    for (int l = 0; l < used; l++)
      lanes[l] = (const uint8_t *)from + (int64_t)(place[l] / 16) * pixels * 16 + place[l] % 16;
    merge(lanes, used, 16, (uint8_t *)to + task * pixels * 16, pixels);
  }
}
