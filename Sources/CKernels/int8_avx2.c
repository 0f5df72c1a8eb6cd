// The quantised kernels for AVX2 that multiply 16-bit integers: a VPMADDWD sums 16 pairs of products exactly. 4 pixels
// by 16 channels are eight sums in flight.

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define CK_NAME(x) ck_q_avx2_##x
#define CK_TARGET __attribute__((target("avx2,fma")))
#define QL 8
#define QMR 4
#define QNB 1
#define QG 2
#define NARROW_SUMS 0

typedef int32_t qv __attribute__((vector_size(32)));
typedef float qf __attribute__((vector_size(32)));

// Written as instructions: a compiler that may order them itself sums several products before it adds them to an
// accumulator, runs out of registers, and spills in the innermost loop.
CK_TARGET static inline __attribute__((always_inline)) qv q_dot(qv acc, qv a, qv b) {
  qv products;
  __asm__ volatile("vpmaddwd %[b], %[a], %[products]\n\tvpaddd %[products], %[acc], %[acc]"
                   : [acc] "+x"(acc), [products] "=&x"(products)
                   : [a] "x"(a), [b] "x"(b));
  return acc;
}
#define qf_max(a, b) ((qf)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define qf_min(a, b) ((qf)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define q_round(v) ((qv)_mm256_cvtps_epi32((__m256)(v)))

#include "template/int8/kernels.h"
#endif
