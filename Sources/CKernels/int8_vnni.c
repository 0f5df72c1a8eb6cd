// The quantised kernels for AVX-512 VNNI: a VPDPBUSD multiplies 64 pairs of an unsigned and a signed byte and adds
// four products to each 32-bit lane, modulo 2^32. 12 pixels by 32 channels are 24 sums in flight.

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define CK_NAME(x) ck_q_vnni_##x
#define CK_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define QL 16
#define QMR 12
#define QNB 2
#define QG 4
#define NARROW_SUMS 0
#define Q_FOURS 1

typedef int32_t qv __attribute__((vector_size(64)));
typedef float qf __attribute__((vector_size(64)));

#define q_dot(acc, a, b) ((qv)_mm512_dpbusd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))
#define qf_max(a, b) ((qf)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define qf_min(a, b) ((qf)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define q_round(v) ((qv)_mm512_cvtps_epi32((__m512)(v)))

#include "template/int8/kernels.h"
#endif
