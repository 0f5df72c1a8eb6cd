// The quantised kernels for AVX2 that multiply bytes. A VPMADDUBSW sums two products of an unsigned and a signed byte
// in 16 bits, with saturation, and a VPMADDWD by ones sums two of these. For the same products they take 3 operations
// to the 4 of 16-bit integers, and half the memory. Packing limits the weights so that nothing saturates.

#if defined(__x86_64__)
#include "template/int8/avx2.h"

#define CK_NAME(x) ck_q_avx2_bytes_##x
#define QMR 4
#define QNB 1
#define QG 4
#define NARROW_SUMS 1

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

#include "template/int8/kernels.h"
#endif
