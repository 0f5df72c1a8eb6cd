// The quantised kernels for AVX-512 VNNI that multiply 16-bit integers: a VPDPWSSD adds two products to each of 16 lanes,
// modulo 2^32. They compute depthwise convolutions, and what multiplies nothing.

#if defined(__x86_64__)
#include "template/int8/avx512.h"

#define CK_NAME(x) ck_q_avx512_##x
#define QMR 12
#define QNB 2
#define QG 2
#define NARROW_SUMS 0

#define q_dot(acc, a, b) ((qv)_mm512_dpwssd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))

#include "template/int8/kernels.h"
#endif
