// The vector vocabulary of AVX-512 with VNNI: sixteen lanes.
#include <immintrin.h>
#include <stdint.h>

#define CK_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define QL 16
#define Q_FOURS 1

typedef int32_t qv __attribute__((vector_size(64)));
typedef float qf __attribute__((vector_size(64)));

#define qf_max(a, b) ((qf)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define qf_min(a, b) ((qf)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define q_round(v) ((qv)_mm512_cvtps_epi32((__m512)(v)))
