// The definitions that the plan, the packing and the kernels of quantised numbers share.
#ifndef CK_INT8_INTERNAL_H
#define CK_INT8_INTERNAL_H

#include "internal.h"

// The kernels of one way to multiply.
typedef struct {
  ck_dot dot;
  int panel_blocks;  // 16-channel output blocks in a weight panel
  void (*direct)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                 void *scratch, int64_t begin, int64_t end);
  void (*winograd)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                   void *scratch, int64_t begin, int64_t end);
  void (*depthwise)(const ck_q_plan *, const void *packed, const void *in, void *out, const ck_q_epilogue *,
                    void *scratch, int64_t begin, int64_t end);
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

// The kernels for elementwise work and 16-bit products; those for products of bytes, or NULL without VNNI.
const ck_q_kernels *ck_q_pairs(ck_isa isa);
const ck_q_kernels *ck_q_quads(ck_isa isa);

extern const ck_q_kernels ck_q_emulated_kernels;

// Elements in a group: what one 32-bit lane multiplies.
static inline int ck_q_group(ck_dot dot) { return dot == CK_DOT_QUADS ? 4 : 2; }

// Bytes of a window element, and of a packed weight.
static inline int ck_q_element(ck_dot dot) { return dot == CK_DOT_QUADS ? 1 : 2; }

// The first block of channels that each panel reads.
static inline int ck_q_first_block(const ck_q_plan *p, int panel) {
  return p->options.input == CK_Q_BLOCKED ? ck_panel_inputs(&p->shape, panel, p->panel_blocks).first : 0;
}

// Winograd: panels in a sweep over the points.
enum { CK_Q_SWEEP = 4 };

// Taps of a run along the kernel's row: all of them where they lie side by side in the window.
static inline int ck_q_run_taps(const ck_conv_shape *c) { return c->dilation_x == 1 ? c->kernel_width : 1; }

#endif
