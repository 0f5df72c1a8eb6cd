// The kernels for AVX-512: 32 vector registers of 16 floats. 14 pixels by 32 channels are 28 sums, which
// hide the latency and read few weights a multiply-add; 56, 28 and 14 pixels divide by 14. Pixels that
// need a pointer each come 8 at a time, as there are 16 general registers.

#if defined(__x86_64__)
#include <immintrin.h>

#define CK_NAME(x) ck_avx512_##x
#define CK_TARGET __attribute__((target("avx512f")))
#define VL 16
#define MR 14
#define PMR 8
#define NB 2
#define STEPS 4
#define v_set1(a) ((vf)_mm512_set1_ps(a))
#define v_fma(a, b, c) ((vf)_mm512_fmadd_ps(a, b, c))
#define v_max(a, b) ((vf)_mm512_max_ps(a, b))
#define v_min(a, b) ((vf)_mm512_min_ps(a, b))

#include "template/kernels.h"
#endif
