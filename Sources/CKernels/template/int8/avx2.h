// The vector vocabulary of AVX2: eight lanes.
#include <immintrin.h>
#include <stdint.h>

#define CK_TARGET __attribute__((target("avx2,fma")))
#define QL 8

typedef int32_t qv __attribute__((vector_size(32)));
typedef float qf __attribute__((vector_size(32)));

#define qf_max(a, b) ((qf)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define qf_min(a, b) ((qf)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define q_round(v) ((qv)_mm256_cvtps_epi32((__m256)(v)))

// The integers lie between -128 and 255, so a shuffle of 16-bit integers brings their low bytes together.
#define q_store_sixteen q_store_sixteen
CK_TARGET static inline __attribute__((always_inline)) void q_store_sixteen(char *p, const qv v[2]) {
  const __m256i low_bytes = _mm256_set1_epi64x(0x0e0c0a0806040200);
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]), low_bytes);
  _mm_storeu_si128((__m128i *)(void *)p,
                   _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
}
