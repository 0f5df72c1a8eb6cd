// Packing of weights and bias. Packed: the bias padded to whole panels, then the weights.

#include "internal.h"

// The factor of an output channel's weights.
static float factor(const float *scale, int o) { return scale ? scale[o] : 1; }

// Panel: [input block][ky][kx][16 input channels][16 * blocks output channels], zeros outside the
// channels and, with groups, outside the group of the output channel.
static void pack_direct(const ck_conv_plan *p, const char *weights, const float *scale, float *packed, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int taps = c->kernel_height * c->kernel_width;
  const int group_in = c->in_channels / c->groups, group_out = c->out_channels / c->groups;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int first_out = panel * p->panel_blocks * 16, lanes = blocks * 16;
  const ck_block_range range = ck_panel_inputs(c, panel, p->panel_blocks);
  float *to = packed + (int64_t)p->panels * p->panel_blocks * 16 +
              (int64_t)panel * p->reduce_blocks * taps * 16 * 16 * p->panel_blocks;
  for (int block = range.first; block < range.first + range.count; block++, to += (int64_t)taps * 16 * lanes)
    for (int lane = 0; lane < lanes; lane++) {
      const int o = first_out + lane;
      // The input channels of this block that the output channel reads: those of its group.
      const int group_first = o < c->out_channels ? o / group_out * group_in : 0;
      const int first = ck_min(ck_max(group_first - block * 16, 0), 16);
      const int used = o < c->out_channels ? ck_min(group_first + group_in - block * 16, 16) : 0;
      const float by = used > first ? factor(scale, o) : 0;
      const char *row = weights + ((int64_t)o * group_in + block * 16 - group_first) * taps * (int64_t)sizeof(float);
      if (taps == 1 && first == 0 && used == 16) {
        for (int i = 0; i < 16; i++) to[i * lanes + lane] = by * ck_read_float(row, i);
        continue;
      }
      for (int i = 0; i < 16; i++)
        for (int tap = 0; tap < taps; tap++)
          to[(tap * 16 + i) * lanes + lane] =
              i >= first && i < used ? by * ck_read_float(row, (int64_t)i * taps + tap) : 0;
    }
}

// Panel: [input channel][ky][kx][16 * blocks output channels].
static void pack_planar(const ck_conv_plan *p, const char *weights, const float *scale, float *packed, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int taps = c->in_channels * c->kernel_height * c->kernel_width;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int first_out = panel * p->panel_blocks * 16, lanes = blocks * 16;
  float *to = packed + (int64_t)p->panels * p->panel_blocks * 16 +
              (int64_t)panel * taps * 16 * p->panel_blocks;
  for (int tap = 0; tap < taps; tap++, to += lanes)
    for (int lane = 0; lane < lanes; lane++) {
      const int o = first_out + lane;
      to[lane] = o < c->out_channels ? factor(scale, o) * ck_read_float(weights, (int64_t)o * taps + tap) : 0;
    }
}

// Panel: [ky][kx][16 channels].
static void pack_depthwise(const ck_conv_plan *p, const char *weights, const float *scale, float *packed, int panel) {
  const int taps = p->shape.kernel_height * p->shape.kernel_width;
  float *to = packed + (int64_t)p->panels * 16 + (int64_t)panel * taps * 16;
  for (int tap = 0; tap < taps; tap++)
    for (int lane = 0; lane < 16; lane++) {
      const int o = panel * 16 + lane;
      to[tap * 16 + lane] =
          o < p->shape.out_channels ? factor(scale, o) * ck_read_float(weights, (int64_t)o * taps + tap) : 0;
    }
}

static void pack_bias(const ck_conv_plan *p, const char *bias, float *packed, int panel) {
  const int first = panel * p->panel_blocks * 16;
  for (int o = first; o < first + p->panel_blocks * 16; o++)
    packed[o] = bias && o < p->shape.out_channels ? ck_read_float(bias, o) : 0;
}

void ck_conv_pack(const ck_conv_plan *plan, const void *weights, const void *bias, const float *scale,
                  float *packed, int64_t begin, int64_t end) {
  for (int panel = (int)begin; panel < (int)end; panel++) {
    pack_bias(plan, bias, packed, panel);
    switch (plan->method) {
      case CK_CONV_PLANAR: pack_planar(plan, weights, scale, packed, panel); break;
      case CK_CONV_DEPTHWISE: pack_depthwise(plan, weights, scale, packed, panel); break;
      case CK_CONV_WINOGRAD2:
      case CK_CONV_WINOGRAD4: ck_kernels_of(plan->isa)->winograd_pack(plan, weights, scale, packed, panel); break;
      default: pack_direct(plan, weights, scale, packed, panel); break;
    }
  }
}
