// Decides whether Winograd's transforms keep their error bound for given weights. docs/runtime.md derives the
// bound.

#include <float.h>
#include <math.h>

#include "internal.h"

// The largest sum before a transform might overflow where the convolution does not; and the largest ratio of
// all weights to those that an output at the border sees.
static const float kLargestSum = 0x1p100f, kMostBorder = 16;

// The intervals of a kernel's three rows, or columns, that lie inside the image for some output: first and
// last.
typedef struct {
  bool occurs[3][3];
} ck_intervals;

static ck_intervals intervals(int out, int in, int pad) {
  ck_intervals result = {{{false}}};
  for (int i = 0; i < out; i++) {
    const int first = ck_max(0, pad - i), last = ck_min(2, in - 1 + pad - i);
    if (first <= last) result.occurs[first][last] = true;
  }
  return result;
}

// The magnitudes of the filters of one output channel.
typedef struct {
  float taps[9];  // summed over the input channels
  float roots;    // the sum of the square roots
  float largest;
} ck_magnitudes;

// Sums in lanes of four filters, which are whole vectors.
enum { kLanes = 36 };

static ck_magnitudes magnitudes(const char *filters, int channels) {
  float sums[kLanes] = {0}, roots[kLanes] = {0}, largest[kLanes] = {0};
  for (int done = 0; done < channels; done += 4) {
    float values[kLanes] = {0};
    const char *from = filters + (int64_t)done * 9 * (int64_t)sizeof(float);
    if (channels - done >= 4)
      memcpy(values, from, sizeof values);
    else
      memcpy(values, from, (size_t)(channels - done) * 9 * sizeof(float));
    for (int i = 0; i < kLanes; i++) {
      const float value = fabsf(values[i]);
      sums[i] += value;
      roots[i] += __builtin_elementwise_sqrt(value);
      largest[i] = value > largest[i] ? value : largest[i];
    }
  }
  ck_magnitudes result = {{0}, 0, 0};
  for (int i = 0; i < kLanes; i++) {
    result.taps[i % 9] += sums[i];
    result.roots += roots[i];
    if (largest[i] > result.largest) result.largest = largest[i];
  }
  return result;
}

// The smallest sum of the taps inside the image, over all outputs that have any.
static float least_seen(const float *taps, const ck_intervals *rows, const ck_intervals *columns) {
  float least = FLT_MAX;
  for (int top = 0; top < 3; top++)
    for (int bottom = top; bottom < 3; bottom++) {
      if (!rows->occurs[top][bottom]) continue;
      for (int left = 0; left < 3; left++)
        for (int right = left; right < 3; right++) {
          if (!columns->occurs[left][right]) continue;
          float sum = 0;
          for (int y = top; y <= bottom; y++)
            for (int x = left; x <= right; x++) sum += taps[y * 3 + x];
          if (sum < least) least = sum;
        }
    }
  return least;
}

// Whether the finite weights of one output channel are even.
static bool is_even(const ck_magnitudes *m, int channels, float scale, const ck_intervals *rows,
                    const ck_intervals *columns) {
  float sum = 0;
  for (int t = 0; t < 9; t++) sum += m->taps[t];
  if (sum == 0) return true;
  if (!(sum <= kLargestSum && sum * scale <= kLargestSum)) return false;
  if ((double)m->largest * 9 * channels > (double)m->roots * m->roots) return false;
  return sum <= kMostBorder * least_seen(m->taps, rows, columns);
}

static bool is_finite(const char *weights, int64_t count, float scale) {
  // The exponent of infinities and NaN: all ones.
  const uint32_t exponent = 0x7f800000;
  uint32_t found = 0;
  for (int64_t i = 0; i < count; i++) {
    const float value = scale * ck_read_float(weights, i);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    found |= (bits & exponent) == exponent;
  }
  return found == 0;
}

ck_weight_range ck_conv_weight_range(const ck_conv_shape *c, const void *weights, const float *scale) {
  if (ck_is_pointwise(c)) return CK_WEIGHTS_EVEN;
  const int channels = c->in_channels / c->groups;
  const int64_t count = (int64_t)channels * c->kernel_height * c->kernel_width;
  const bool transformable = ck_can_winograd(c);
  const ck_intervals rows = intervals(c->out_height, c->in_height, c->pad_top);
  const ck_intervals columns = intervals(c->out_width, c->in_width, c->pad_left);
  ck_weight_range range = CK_WEIGHTS_EVEN;
  for (int o = 0; o < c->out_channels; o++) {
    const char *filters = (const char *)weights + o * count * (int64_t)sizeof(float);
    const float factor = scale ? fabsf(scale[o]) : 1;
    if (transformable) {
      const ck_magnitudes m = magnitudes(filters, channels);
      // NaN does not affect a maximum, but it does affect the sums.
      if (is_even(&m, channels, factor, &rows, &columns)) continue;
      range = CK_WEIGHTS_WIDE;
    }
    if (!is_finite(filters, count, factor)) return CK_WEIGHTS_NOT_FINITE;
  }
  return range;
}
