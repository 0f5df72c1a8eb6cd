// Packing of weights and bias. Packed: the bias padded to whole panels, then the weights.

#include "internal.h"

// Panel: [input block][ky][kx][16 input channels][16 * blocks output channels], zeros outside the
// channels and, with groups, outside the group of the output channel.
static void pack_direct(const ck_conv_plan *p, const char *weights, float *packed, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int taps = c->kernel_height * c->kernel_width;
  const int group_in = c->in_channels / c->groups, group_out = c->out_channels / c->groups;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int first_out = panel * p->panel_blocks * 16, lanes = blocks * 16;
  const ck_block_range range = ck_panel_inputs(c, panel, p->panel_blocks);
  float *to = packed + (int64_t)p->panels * p->panel_blocks * 16 +
              (int64_t)panel * p->reduce_blocks * taps * 16 * 16 * p->panel_blocks;
  for (int block = range.first; block < range.first + range.count; block++)
    for (int tap = 0; tap < taps; tap++)
      for (int i = block * 16; i < block * 16 + 16; i++, to += lanes)
        for (int lane = 0; lane < lanes; lane++) {
          const int o = first_out + lane, group = o / group_out;
          const bool used = o < c->out_channels && i < c->in_channels && i / group_in == group;
          to[lane] = used ? ck_read_float(weights, ((int64_t)o * group_in + i - group * group_in) * taps + tap) : 0;
        }
}

// Panel: [input channel][ky][kx][16 * blocks output channels].
static void pack_planar(const ck_conv_plan *p, const char *weights, float *packed, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int taps = c->in_channels * c->kernel_height * c->kernel_width;
  const int blocks = ck_min(p->panel_blocks, ck_blocks(c->out_channels) - panel * p->panel_blocks);
  const int first_out = panel * p->panel_blocks * 16, lanes = blocks * 16;
  float *to = packed + (int64_t)p->panels * p->panel_blocks * 16 +
              (int64_t)panel * taps * 16 * p->panel_blocks;
  for (int tap = 0; tap < taps; tap++, to += lanes)
    for (int lane = 0; lane < lanes; lane++) {
      const int o = first_out + lane;
      to[lane] = o < c->out_channels ? ck_read_float(weights, (int64_t)o * taps + tap) : 0;
    }
}

// Panel: [ky][kx][16 channels].
static void pack_depthwise(const ck_conv_plan *p, const char *weights, float *packed, int panel) {
  const int taps = p->shape.kernel_height * p->shape.kernel_width;
  float *to = packed + (int64_t)p->panels * 16 + (int64_t)panel * taps * 16;
  for (int tap = 0; tap < taps; tap++)
    for (int lane = 0; lane < 16; lane++) {
      const int64_t o = panel * 16 + lane;
      to[tap * 16 + lane] = o < p->shape.out_channels ? ck_read_float(weights, o * taps + tap) : 0;
    }
}

static void pack_bias(const ck_conv_plan *p, const char *bias, float *packed, int panel) {
  const int first = panel * p->panel_blocks * 16;
  for (int o = first; o < first + p->panel_blocks * 16; o++)
    packed[o] = bias && o < p->shape.out_channels ? ck_read_float(bias, o) : 0;
}

void ck_conv_pack(const ck_conv_plan *plan, const void *weights, const void *bias, float *packed,
                  int64_t begin, int64_t end) {
  for (int panel = (int)begin; panel < (int)end; panel++) {
    pack_bias(plan, bias, packed, panel);
    switch (plan->method) {
      case CK_CONV_PLANAR: pack_planar(plan, weights, packed, panel); break;
      case CK_CONV_DEPTHWISE: pack_depthwise(plan, weights, packed, panel); break;
      case CK_CONV_WINOGRAD2:
      case CK_CONV_WINOGRAD4: ck_kernels_of(plan->isa)->winograd_pack(plan, weights, packed, panel); break;
      default: pack_direct(plan, weights, packed, panel); break;
    }
  }
}
