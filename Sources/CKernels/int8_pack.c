// Packing of quantised weights and bias. Packed: the bias padded to whole panels, as 32-bit integers, then the
// weights, panel by panel: [run][group][16 * blocks output channels][elements of a group].

#include "int8_internal.h"

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

// The weights of a group of a panel, for its lanes [first, first + lanes): [output channel][element of the group].
static void fill_group(const ck_q_plan *p, const ck_q_weights *w, int panel, int first, int lanes, int run, int g,
                       int *values) {
  const ck_conv_shape *c = &p->shape;
  const int group = ck_q_group(p->dot), run_taps = ck_q_run_taps(c), runs_of_block = p->runs / p->reduce_blocks;
  const int taps = c->kernel_height * c->kernel_width, group_in = c->in_channels / c->groups;
  const int block = ck_q_first_block(p, panel) + run / runs_of_block, tap = run % runs_of_block * run_taps;
  const bool is_blocked = p->options.input == CK_Q_BLOCKED;
  const int start = panel * p->panel_blocks * 16 + first;
  for (int k = 0; k < group; k++) {
    const int element = g * group + k;
    const int run_tap = element / p->pixel_lanes, in_lane = element % p->pixel_lanes;
    for (int lane = 0; lane < lanes; lane++) {
      const int o = start + lane;
      const int channel = o >= c->out_channels || run_tap >= run_taps ? -1
                          : !is_blocked                               ? in_lane
                          : c->groups > 1                             ? channel_of_group(c, o, block, in_lane)
                          : block * 16 + in_lane < group_in           ? block * 16 + in_lane
                                                                      : -1;
      values[lane * group + k] =
          channel < 0 ? 0 : ck_q_weight(c, w, o, (int64_t)channel * taps + tap + run_tap, (int64_t)group_in * taps);
    }
  }
}

// Two weights whose products with a byte, at most 255 each, are summed in 16 bits: at most 128 together.
enum { kPairLimit = 128 };

// Moves what exceeds the limit from `values` to `extra`; whether there was any.
static bool split_group(int *values, int *extra, int count) {
  bool any = false;
  for (int i = 0; i < count; i += 2) {
    const int sum = values[i] + values[i + 1];
    const bool exceeds = (values[i] > 0) == (values[i + 1] > 0) && (sum > kPairLimit || sum < -kPairLimit);
    extra[i] = exceeds ? sum - (sum > 0 ? kPairLimit : -kPairLimit) : 0;
    extra[i + 1] = 0;
    values[i] -= extra[i];
    any |= exceeds;
  }
  return any;
}

enum { kMostValues = 32 * 4 };

static int panel_lanes(const ck_q_plan *p, int panel) {
  return 16 * ck_min(p->panel_blocks, ck_blocks(p->shape.out_channels) - panel * p->panel_blocks);
}

int64_t ck_q_extra_groups(const ck_q_plan *p, const ck_q_weights *w, int panel) {
  const int narrow = ck_q_kernels_of(p)->narrow_lanes;
  int64_t count = 0;
  for (int first = 0; first < panel_lanes(p, panel); first += narrow)
    for (int run = 0; run < p->runs; run++)
      for (int g = 0; g < p->groups; g++) {
        int values[kMostValues], extra[kMostValues];
        fill_group(p, w, panel, first, narrow, run, g, values);
        count += split_group(values, extra, narrow * ck_q_group(p->dot));
      }
  return count;
}

// Writes a panel's weights, and adds each output channel's to `sums`.
static void pack_direct(const ck_q_plan *p, const ck_q_weights *w, void *panel_weights, int panel, uint32_t *sums) {
  const int lanes = panel_lanes(p, panel), group = ck_q_group(p->dot), count = lanes * group;
  const bool splits = ck_q_kernels_of(p)->narrow_lanes > 0;
  int64_t at = 0;
  for (int run = 0; run < p->runs; run++)
    for (int g = 0; g < p->groups; g++) {
      int values[kMostValues], extra[kMostValues];
      fill_group(p, w, panel, 0, lanes, run, g, values);
      for (int i = 0; i < count; i++) sums[i / group] += (uint32_t)values[i];
      if (splits) split_group(values, extra, count);
      for (int i = 0; i < count; i++, at++) put(p, panel_weights, at, values[i]);
    }
}

// The second parts, after the weights of all panels: the first of each vector of output channels, the run and the
// place in it of each, then their weights.
static void pack_extra(const ck_q_plan *p, const ck_q_weights *w, int32_t *to) {
  const int group = ck_q_group(p->dot), narrow = ck_q_kernels_of(p)->narrow_lanes;
  const int vectors = p->panel_blocks * 16 / narrow;  // of a panel
  int32_t *const places = to + (int64_t)p->panels * vectors + 1;
  void *const weights = places + 2 * p->extra_groups;
  int32_t found = 0;
  int64_t at = 0;
  for (int vector = 0; vector < p->panels * vectors; vector++) {
    const int panel = vector / vectors, first = vector % vectors * narrow;
    to[vector] = found;
    for (int run = 0; first < panel_lanes(p, panel) && run < p->runs; run++)
      for (int g = 0; g < p->groups; g++) {
        int values[kMostValues], extra[kMostValues];
        fill_group(p, w, panel, first, narrow, run, g, values);
        if (!split_group(values, extra, narrow * group)) continue;
        places[2 * found] = run;
        places[2 * found++ + 1] = g * group;
        for (int i = 0; i < narrow * group; i++, at++) put(p, weights, at, extra[i]);
      }
  }
  to[p->panels * vectors] = found;
}

// Twice G: (2, 0, 0), (1, 1, 1), (1, -1, 1), (0, 0, 2).
static void winograd_filter(const int g[3], int out[4]) {
  out[0] = 2 * g[0];
  out[1] = g[0] + g[1] + g[2];
  out[2] = g[0] - g[1] + g[2];
  out[3] = 2 * g[2];
}

// A panel: [point][input block][group][16 * blocks output channels][2].
static void pack_winograd(const ck_q_plan *p, const ck_q_weights *w, int16_t *panel_weights, int panel) {
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
          g[y] = exists ? ck_q_weight(&p->shape, w, o, (int64_t)channel * 9 + y * 3 + x, (int64_t)c->in_channels * 9) : 0;
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
static void pack_depthwise(const ck_q_plan *p, const ck_q_weights *w, int16_t *panel_weights, int panel) {
  const int taps = p->shape.kernel_height * p->shape.kernel_width;
  for (int tap = 0; tap < 2 * p->groups; tap++)
    for (int lane = 0; lane < 16; lane++) {
      const int o = panel * 16 + lane;
      panel_weights[tap / 2 * 32 + lane * 2 + tap % 2] =
          (int16_t)(o < p->shape.out_channels && tap < taps ? ck_q_weight(&p->shape, w, o, tap, taps) : 0);
    }
}

void ck_q_conv_pack(const ck_q_plan *plan, const ck_q_weights *weights, const int32_t *bias, void *packed,
                    int64_t begin, int64_t end) {
  const int lanes = plan->panel_blocks * 16;
  const int64_t panel_bytes = ck_q_panel_bytes(plan);
  char *const first = (char *)packed + (int64_t)plan->panels * lanes * (int64_t)sizeof(int32_t);
  for (int panel = (int)begin; panel < (int)end; panel++) {
    void *const to = first + panel * panel_bytes;
    uint32_t sums[64] = {0};
    switch (plan->method) {
      case CK_Q_WINOGRAD: pack_winograd(plan, weights, to, panel); break;
      case CK_Q_DEPTHWISE: pack_depthwise(plan, weights, to, panel); break;
      default: pack_direct(plan, weights, to, panel, sums); break;
    }
    if (panel == 0 && plan->method == CK_Q_DIRECT && ck_q_kernels_of(plan)->narrow_lanes > 0)
      pack_extra(plan, weights, (int32_t *)(void *)(first + plan->panels * panel_bytes));
    // Bytes are multiplied with the zero point in them; the bias takes it out again.
    const int zero = plan->dot == CK_DOT_QUADS ? plan->options.input_zero + (plan->options.signed_input ? 128 : 0) : 0;
    for (int lane = 0; lane < lanes; lane++) {
      const int o = panel * lanes + lane;
      const uint32_t start = bias && o < plan->shape.out_channels ? (uint32_t)bias[o] : 0;
      ((int32_t *)packed)[o] = (int32_t)(start - (uint32_t)zero * sums[lane]);
    }
  }
}
