// The public functions that only choose the instruction set.

#include "internal.h"

double ck_peak_fma(ck_isa isa, long rounds, float *sink) {
  return ck_kernels_of(isa)->peak_fma(rounds, sink);
}

float ck_peak_read(ck_isa isa, const float *data, size_t count) {
  return ck_kernels_of(isa)->peak_read(data, count);
}

int64_t ck_pool_tasks(const ck_pool_shape *shape) {
  return (int64_t)shape->batch * ck_blocks(shape->channels) * shape->out_height;
}

void ck_pool_run(ck_isa isa, const ck_pool_shape *shape, const ck_view *in, const ck_view *out, int64_t begin,
                 int64_t end) {
  ck_kernels_of(isa)->pool(shape, in, out, begin, end);
}

void ck_global_average_pool(ck_isa isa, int channels, int height, int width, const ck_view *in,
                            const ck_view *out, int64_t begin, int64_t end) {
  ck_kernels_of(isa)->global_average_pool(channels, height, width, in, out, begin, end);
}

void ck_binary(ck_isa isa, ck_binary_operator op, const float *a, const float *b, float *out, size_t count,
               float low, float high) {
  ck_kernels_of(isa)->binary(op, a, b, out, count, low, high);
}

void ck_clamp(ck_isa isa, const float *a, float *out, size_t count, float low, float high) {
  ck_kernels_of(isa)->clamp(a, out, count, low, high);
}

void ck_scale_block(ck_isa isa, const float *a, const float *factors, float *out, size_t pixels) {
  ck_kernels_of(isa)->scale_block(a, factors, out, pixels);
}

void ck_shift_block(ck_isa isa, const float *a, const float *terms, float *out, size_t pixels) {
  ck_kernels_of(isa)->shift_block(a, terms, out, pixels);
}

int64_t ck_gemm_tasks(const ck_gemm *gemm) {
  return ((int64_t)gemm->outputs + CK_GEMM_ROWS - 1) / CK_GEMM_ROWS;
}

void ck_gemm_run(ck_isa isa, const ck_gemm *gemm, int64_t begin, int64_t end) {
  ck_kernels_of(isa)->gemm(gemm, begin, end);
}

void ck_tap_sum(ck_isa isa, const float *const *runs, const float *weights, size_t taps, float *out, size_t count) {
  ck_kernels_of(isa)->tap_sum(runs, weights, taps, out, count);
}

void ck_tap_products(ck_isa isa, const float *const *runs, const float *factors, size_t taps, float *products,
                     size_t count) {
  ck_kernels_of(isa)->tap_products(runs, factors, taps, products, count);
}

void ck_conv_run(const ck_conv_plan *plan, const float *packed, const ck_view *in, const ck_view *out,
                 const ck_epilogue *epilogue, float *scratch, int64_t begin, int64_t end) {
  ck_kernels_of(plan->isa)->conv[plan->method](plan, packed, in, out, epilogue, scratch, begin, end);
}
