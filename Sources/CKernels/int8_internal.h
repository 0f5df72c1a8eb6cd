// The definitions that the plan, the packing and the kernels of quantised numbers share.
#ifndef CK_INT8_INTERNAL_H
#define CK_INT8_INTERNAL_H

#include "internal.h"

// The kernels of one way to multiply.
typedef struct {
  ck_dot dot;
  int panel_blocks;  // 16-channel output blocks in a weight panel
  // Quads: lanes of a vector, if two products of bytes are summed in 16 bits, with saturation; else 0. Packing then
  // sees to it that the sums fit: it moves a part of such weights into groups of their own, vector by vector.
  int narrow_lanes;
  void (*direct)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                 void *scratch, int64_t begin, int64_t end);
  void (*winograd)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                   void *scratch, int64_t begin, int64_t end);
  void (*depthwise)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                    void *scratch, int64_t begin, int64_t end);
  double (*peak)(long rounds, int32_t *sink);
  void (*quantize)(const float *in, void *out, size_t count, float scale, int zero, int low, int high);
  void (*dequantize)(const void *in, bool is_signed, float *out, size_t count, float scale, int zero);
  void (*add)(const ck_q_operand *a, const ck_q_operand *b, void *out, size_t count, int zero, int low, int high);
  void (*multiply)(const ck_q_operand *a, const ck_q_operand *b, float factor, void *out, size_t count, int zero,
                   int low, int high);
  void (*scale_block)(const ck_q_operand *a, const float *factors, void *out, size_t pixels, int zero, int low,
                      int high);
  void (*pool)(const ck_pool_shape *, const void *in, bool is_signed, int in_zero, float factor, void *out, int zero,
               int low, int high, int64_t begin, int64_t end);
  void (*global_average)(const void *in, bool is_signed, int in_zero, int64_t pixels, float factor, void *out,
                         int zero, int low, int high);
} ck_q_kernels;

// The kernels for elementwise work and 16-bit products; those for products of bytes, or NULL where there are none.
const ck_q_kernels *ck_q_pairs(ck_isa isa);
const ck_q_kernels *ck_q_quads(ck_isa isa);

extern const ck_q_kernels ck_q_emulated_kernels;

// The kernels that compute a plan.
static inline const ck_q_kernels *ck_q_kernels_of(const ck_q_plan *p) {
  if (p->dot == CK_DOT_PAIRS) return ck_q_pairs(p->options.isa);
  return p->options.emulates_quads ? &ck_q_emulated_kernels : ck_q_quads(p->options.isa);
}

// Elements in a group: what one 32-bit lane multiplies.
static inline int ck_q_group(ck_dot dot) { return dot == CK_DOT_QUADS ? 4 : 2; }

// Bytes of a window element, and of a packed weight.
static inline int ck_q_element(ck_dot dot) { return dot == CK_DOT_QUADS ? 1 : 2; }

// The first block of channels that each panel reads.
static inline int ck_q_first_block(const ck_q_plan *p, int panel) {
  return p->options.input == CK_Q_BLOCKED ? ck_panel_inputs(&p->shape, panel, p->panel_blocks).first : 0;
}

// The weight of output channel o and position i of its `count` weights, minus its zero point.
static inline int ck_q_weight(const ck_conv_shape *c, const ck_q_weights *w, int o, int64_t i, int64_t count) {
  const int64_t at = w->transposed ? i * c->out_channels + o : o * count + i;
  const int byte = w->is_signed ? ((const int8_t *)w->data)[at] : ((const uint8_t *)w->data)[at];
  return byte - (w->zeros ? w->zeros[o] : 0);
}

// The number of vectors of a panel's groups that need a second part (`narrow_lanes`).
int64_t ck_q_extra_groups(const ck_q_plan *p, const ck_q_weights *w, int panel);

// Winograd: panels in a sweep over the points.
enum { CK_Q_SWEEP = 4 };

// Taps of a run along the kernel's row: all of them where they lie side by side in the window.
static inline int ck_q_run_taps(const ck_conv_shape *c) { return c->dilation_x == 1 ? c->kernel_width : 1; }

// The offset in a window of the run that starts at tap `tap` of a block of channels.
static inline int32_t ck_q_run_offset(const ck_q_plan *p, int block, int tap) {
  const ck_conv_shape *c = &p->shape;
  const int64_t row = (int64_t)(tap / c->kernel_width) * c->dilation_y * p->window_columns;
  const int64_t column = (int64_t)(tap % c->kernel_width) * c->dilation_x;
  return (int32_t)(block * p->window_block + (row + column) * p->pixel_lanes);
}

// Bytes of a panel's packed weights.
static inline int64_t ck_q_panel_bytes(const ck_q_plan *p) {
  const int64_t lanes = (int64_t)p->panel_blocks * 16;
  switch (p->method) {
    case CK_Q_WINOGRAD: return p->reduce_blocks * 16 * 16 * lanes * (int64_t)sizeof(int16_t);
    case CK_Q_DEPTHWISE: return (int64_t)p->groups * 2 * lanes * (int64_t)sizeof(int16_t);
    default: return (int64_t)p->runs * p->groups * ck_q_group(p->dot) * ck_q_element(p->dot) * lanes;
  }
}

#endif
