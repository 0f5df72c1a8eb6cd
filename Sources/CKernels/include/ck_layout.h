/// Moves between layouts, and gathers of channels.
#ifndef CK_LAYOUT_H
#define CK_LAYOUT_H

#include <stdint.h>

#include "ck_view.h"

/// Writes NCHW `from` ([batch][channels][height][width], dense) into NCHW16c `to`, padding lanes zeroed:
/// tasks `[begin, end)` of `batch * ck_blocks(channels)`. Leaves the halo alone.
void ck_from_nchw(const float *from, const ck_view *to, int channels, int height, int width, int64_t begin,
                  int64_t end);

/// Writes NCHW16c `from` into NCHW `to` ([batch][channels][height][width], dense): tasks `[begin, end)` of
/// `batch * ck_blocks(channels)`.
void ck_to_nchw(const ck_view *from, float *to, int channels, int height, int width, int64_t begin, int64_t end);

/// Zeroes the halo of every plane: tasks `[begin, end)` of `batch * ck_blocks(channels)`.
void ck_clear_halo(const ck_view *view, int channels, int height, int width, int64_t begin, int64_t end);

/// Gathers channels: channel i of sample n of `to` is channel `indices[n * index_sample + i]` of sample n of
/// `from`, for `i < count`; padding lanes are zeroed. `index_sample` 0 shares the indices. Tasks
/// `[begin, end)` of `batch * ck_blocks(count)`. Every index must name a channel of `from`.
void ck_gather_channels(const ck_view *from, const ck_view *to, const int32_t *indices, int64_t index_sample,
                        int count, int height, int width, int64_t begin, int64_t end);

#endif
