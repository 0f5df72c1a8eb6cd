// The quantised kernels for AVX-512 VNNI: a VPDPBUSD multiplies 64 pairs of an unsigned and a signed byte and adds
// four products to each 32-bit lane, modulo 2^32. 12 pixels by 32 channels are 24 sums in flight.

#if defined(__x86_64__)
#include "template/int8/avx512.h"

#define CK_NAME(x) ck_q_vnni_##x
#define QMR 12
#define QNB 2
#define QG 4
#define NARROW_SUMS 0

#define q_dot(acc, a, b) ((qv)_mm512_dpbusd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))

#include "template/int8/kernels.h"
#endif
