// The quantised kernels for AVX2 that multiply bytes. A VPMADDUBSW sums two products of an unsigned and a signed byte
// in 16 bits, with saturation, and a VPMADDWD by ones sums two of these. For the same products they take 3 operations
// to the 4 of 16-bit integers, and half the memory. Packing limits the weights so that nothing saturates.

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define CK_NAME(x) ck_q_avx2_bytes_##x
#define CK_TARGET __attribute__((target("avx2,fma")))
#define QL 8
#define QMR 4
#define QNB 1
#define QG 4
#define NARROW_SUMS 1

typedef int32_t qv __attribute__((vector_size(32)));
typedef float qf __attribute__((vector_size(32)));

// Written as instructions for the reason that int8_avx2.c gives.
CK_TARGET static inline __attribute__((always_inline)) qv q_dot(qv acc, qv a, qv b) {
  qv products;
  __asm__ volatile("vpmaddubsw %[b], %[a], %[products]\n\t"
                   "vpmaddwd %[ones], %[products], %[products]\n\t"
                   "vpaddd %[products], %[acc], %[acc]"
                   : [acc] "+x"(acc), [products] "=&x"(products)
                   : [a] "x"(a), [b] "x"(b), [ones] "x"(_mm256_set1_epi16(1)));
  return acc;
}
#define qf_max(a, b) ((qf)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define qf_min(a, b) ((qf)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define q_round(v) ((qv)_mm256_cvtps_epi32((__m256)(v)))

#include "template/int8/kernels.h"
#endif
