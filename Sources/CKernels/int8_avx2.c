// The quantised kernels for AVX2 that multiply 16-bit integers: a VPMADDWD sums 16 pairs of products exactly. 4 pixels
// by 16 channels are eight sums in flight.

#if defined(__x86_64__)
#include "template/int8/avx2.h"

#define CK_NAME(x) ck_q_avx2_##x
#define QMR 4
#define QNB 1
#define QG 2
#define NARROW_SUMS 0

// Written as instructions: a compiler that may order them itself sums several products before it adds them to an
// accumulator, runs out of registers, and spills in the innermost loop.
CK_TARGET static inline __attribute__((always_inline)) qv q_dot(qv acc, qv a, qv b) {
  qv products;
  __asm__ volatile("vpmaddwd %[b], %[a], %[products]\n\tvpaddd %[products], %[acc], %[acc]"
                   : [acc] "+x"(acc), [products] "=&x"(products)
                   : [a] "x"(a), [b] "x"(b));
  return acc;
}

#include "template/int8/kernels.h"
#endif
