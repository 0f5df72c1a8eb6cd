// Packing of quantised weights and bias. Packed: the bias padded to whole panels, as 32-bit integers, then the
// weights, panel by panel: [run][group][16 * blocks output channels][elements of a group].

#include "int8_internal.h"

typedef struct {
  const void *data;
  bool is_signed, transposed;
  const int32_t *zeros;
} weights_source;

// The weight of output channel o and position i of its `count` weights, minus its zero point.
static int weight(const ck_q_plan *p, const weights_source *w, int o, int64_t i, int64_t count) {
  const int64_t at = w->transposed ? i * p->shape.out_channels + o : o * count + i;
  const int byte = w->is_signed ? ((const int8_t *)w->data)[at] : ((const uint8_t *)w->data)[at];
  return byte - (w->zeros ? w->zeros[o] : 0);
}

static void put(const ck_q_plan *p, void *to, int64_t at, int value) {
  if (p->dot == CK_DOT_QUADS)
    ((int8_t *)to)[at] = (int8_t)value;
  else
    ((int16_t *)to)[at] = (int16_t)value;
}

// The input channel of lane `lane` of block `block`, counted in the group of output channel o; -1 outside the group.
static int channel_of_group(const ck_conv_shape *c, int o, int block, int lane) {
  const int group_in = c->in_channels / c->groups, group_out = c->out_channels / c->groups;
  const int channel = block * 16 + lane - o / group_out * group_in;
  return channel >= 0 && channel < group_in ? channel : -1;
}

// Writes a panel's weights; returns the sum of each output channel's weights in `sums`.
static void pack_direct(const ck_q_plan *p, const weights_source *w, void *panel_weights, int panel, uint32_t *sums) {
  const ck_conv_shape *c = &p->shape;
  const int group = ck_q_group(p->dot), run_taps = ck_q_run_taps(c);
  const int taps = c->kernel_height * c->kernel_width, group_in = c->in_channels / c->groups;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int lanes = blocks * 16, first = panel * p->panel_blocks * 16;
  const int first_block = ck_q_first_block(p, panel), runs_of_block = p->runs / p->reduce_blocks;
  int64_t at = 0;
  for (int run = 0; run < p->runs; run++) {
    const int block = first_block + run / runs_of_block, tap = run % runs_of_block * run_taps;
    for (int g = 0; g < p->groups; g++)
      for (int lane = 0; lane < lanes; lane++)
        for (int k = 0; k < group; k++, at++) {
          const int o = first + lane, element = g * group + k;
          const int run_tap = element / p->pixel_lanes, in_lane = element % p->pixel_lanes;
          const int channel = o >= c->out_channels || run_tap >= run_taps ? -1
                              : p->options.input == CK_Q_BLOCKED          ? channel_of_group(c, o, block, in_lane)
                                                                          : in_lane;
          const int value =
              channel < 0 ? 0 : weight(p, w, o, (int64_t)channel * taps + tap + run_tap, (int64_t)group_in * taps);
          put(p, panel_weights, at, value);
          if (channel >= 0) sums[lane] += (uint32_t)value;
        }
  }
}

// Twice G: (2, 0, 0), (1, 1, 1), (1, -1, 1), (0, 0, 2).
static void winograd_filter(const int g[3], int out[4]) {
  out[0] = 2 * g[0];
  out[1] = g[0] + g[1] + g[2];
  out[2] = g[0] - g[1] + g[2];
  out[3] = 2 * g[2];
}

// A panel: [point][input block][group][16 * blocks output channels][2].
static void pack_winograd(const ck_q_plan *p, const weights_source *w, int16_t *panel_weights, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int lanes = blocks * 16, first = panel * p->panel_blocks * 16;
  const int64_t point = (int64_t)p->reduce_blocks * 16 * p->panel_blocks * 16;
  for (int channel = 0; channel < p->reduce_blocks * 16; channel++)
    for (int lane = 0; lane < lanes; lane++) {
      const int o = first + lane;
      int half[4][3], columns[3][4], points[4];
      const bool exists = o < c->out_channels && channel < c->in_channels;
      for (int x = 0; x < 3; x++) {
        int g[3];
        for (int y = 0; y < 3; y++)
          g[y] = exists ? weight(p, w, o, (int64_t)channel * 9 + y * 3 + x, (int64_t)c->in_channels * 9) : 0;
        winograd_filter(g, columns[x]);
      }
      for (int y = 0; y < 4; y++)
        for (int x = 0; x < 3; x++) half[y][x] = columns[x][y];
      for (int y = 0; y < 4; y++) {
        winograd_filter(half[y], points);
        for (int x = 0; x < 4; x++)
          panel_weights[(y * 4 + x) * point + (channel / 2 * (int64_t)lanes + lane) * 2 + channel % 2] =
              (int16_t)points[x];
      }
    }
}

// [pair of taps][16 channels][2]
static void pack_depthwise(const ck_q_plan *p, const weights_source *w, int16_t *panel_weights, int panel) {
  const int taps = p->shape.kernel_height * p->shape.kernel_width;
  for (int tap = 0; tap < 2 * p->groups; tap++)
    for (int lane = 0; lane < 16; lane++) {
      const int o = panel * 16 + lane;
      panel_weights[tap / 2 * 32 + lane * 2 + tap % 2] =
          (int16_t)(o < p->shape.out_channels && tap < taps ? weight(p, w, o, tap, taps) : 0);
    }
}

void ck_q_conv_pack(const ck_q_plan *plan, const void *weights, bool transposed, const int32_t *zeros,
                    const int32_t *bias, void *packed, int64_t begin, int64_t end) {
  const weights_source source = {weights, plan->options.signed_weights, transposed, zeros};
  const int lanes = plan->panel_blocks * 16;
  const int64_t bias_bytes = (int64_t)plan->panels * lanes * (int64_t)sizeof(int32_t);
  const int64_t panel_bytes = (plan->packed_bytes - bias_bytes) / plan->panels;
  for (int panel = (int)begin; panel < (int)end; panel++) {
    void *const to = (char *)packed + bias_bytes + panel * panel_bytes;
    uint32_t sums[64] = {0};
    switch (plan->method) {
      case CK_Q_WINOGRAD: pack_winograd(plan, &source, to, panel); break;
      case CK_Q_DEPTHWISE: pack_depthwise(plan, &source, to, panel); break;
      default: pack_direct(plan, &source, to, panel, sums); break;
    }
    // Bytes are multiplied with the zero point in them; the bias takes it out again.
    const int zero = plan->dot == CK_DOT_QUADS ? plan->options.input_zero + (plan->options.signed_input ? 128 : 0) : 0;
    for (int lane = 0; lane < lanes; lane++) {
      const int o = panel * lanes + lane;
      const uint32_t start = bias && o < plan->shape.out_channels ? (uint32_t)bias[o] : 0;
      ((int32_t *)packed)[o] = (int32_t)(start - (uint32_t)zero * sums[lane]);
    }
  }
}

int64_t ck_q_largest_sum(const void *weights, bool is_signed, const int32_t *zeros, int channels, int64_t count,
                         int64_t channel_step, int64_t step) {
  int64_t largest = 0;
  for (int o = 0; o < channels; o++) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
      const int64_t at = o * channel_step + i * step;
      const int byte = is_signed ? ((const int8_t *)weights)[at] : ((const uint8_t *)weights)[at];
      const int value = byte - (zeros ? zeros[o] : 0);
      sum += value < 0 ? -value : value;
    }
    if (sum > largest) largest = sum;
  }
  return largest;
}
