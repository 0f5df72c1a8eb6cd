// The variants of the quantised kernels in this build, the choice among them, and the calls through to it.

#include "int8_internal.h"

extern const ck_q_kernels ck_q_portable_kernels;
#if defined(__x86_64__)
extern const ck_q_kernels ck_q_avx2_kernels;
extern const ck_q_kernels ck_q_avx2_bytes_kernels;
extern const ck_q_kernels ck_q_avx512_kernels;
extern const ck_q_kernels ck_q_vnni_kernels;

static bool has_vnni(ck_isa isa) {
  return isa == CK_ISA_AVX512 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

const ck_q_kernels *ck_q_pairs(ck_isa isa) {
#if defined(__x86_64__)
  if (has_vnni(isa)) return &ck_q_avx512_kernels;
  // A processor with AVX-512 has AVX2, too.
  if (isa == CK_ISA_AVX2 || isa == CK_ISA_AVX512) return &ck_q_avx2_kernels;
#endif
  return &ck_q_portable_kernels;
}

const ck_q_kernels *ck_q_quads(ck_isa isa) {
#if defined(__x86_64__)
  if (has_vnni(isa)) return &ck_q_vnni_kernels;
  if (isa == CK_ISA_AVX2 || isa == CK_ISA_AVX512) return &ck_q_avx2_bytes_kernels;
#else
  (void)isa;
#endif
  return NULL;
}

void ck_q_conv_run(const ck_q_plan *plan, const void *packed, const void *in, void *out,
                   const ck_q_epilogue *epilogue, void *scratch, int64_t begin, int64_t end) {
  const ck_q_kernels *kernels = ck_q_kernels_of(plan);
  switch (plan->method) {
    case CK_Q_WINOGRAD: kernels->winograd(plan, packed, in, out, epilogue, scratch, begin, end); break;
    case CK_Q_DEPTHWISE: kernels->depthwise(plan, packed, in, out, epilogue, scratch, begin, end); break;
    default: kernels->direct(plan, packed, in, out, epilogue, scratch, begin, end); break;
  }
}

double ck_q_peak(ck_isa isa, long rounds, int32_t *sink) {
  const ck_q_kernels *quads = ck_q_quads(isa);
  return (quads ? quads : ck_q_pairs(isa))->peak(rounds, sink);
}

void ck_q_quantize(ck_isa isa, const float *in, void *out, size_t count, float scale, int zero, int low, int high) {
  ck_q_pairs(isa)->quantize(in, out, count, scale, zero, low, high);
}

void ck_q_dequantize(ck_isa isa, const void *in, bool is_signed, float *out, size_t count, float scale, int zero) {
  ck_q_pairs(isa)->dequantize(in, is_signed, out, count, scale, zero);
}

void ck_q_add(ck_isa isa, const ck_q_operand *a, const ck_q_operand *b, void *out, size_t count, int zero, int low,
              int high) {
  ck_q_pairs(isa)->add(a, b, out, count, zero, low, high);
}

void ck_q_multiply(ck_isa isa, const ck_q_operand *a, const ck_q_operand *b, float factor, void *out, size_t count,
                   int zero, int low, int high) {
  ck_q_pairs(isa)->multiply(a, b, factor, out, count, zero, low, high);
}

void ck_q_scale_block(ck_isa isa, const ck_q_operand *a, const float *factors, void *out, size_t pixels, int zero,
                      int low, int high) {
  ck_q_pairs(isa)->scale_block(a, factors, out, pixels, zero, low, high);
}

void ck_q_pool(ck_isa isa, const ck_pool_shape *shape, const void *in, bool is_signed, int in_zero, float factor,
               void *out, int zero, int low, int high, int64_t begin, int64_t end) {
  ck_q_pairs(isa)->pool(shape, in, is_signed, in_zero, factor, out, zero, low, high, begin, end);
}

void ck_q_global_average(ck_isa isa, const void *in, bool is_signed, int in_zero, int64_t pixels, float factor,
                         void *out, int zero, int low, int high) {
  ck_q_pairs(isa)->global_average(in, is_signed, in_zero, pixels, factor, out, zero, low, high);
}
