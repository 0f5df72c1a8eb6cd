// The kernels for AVX2 with FMA: 16 vector registers of 8 floats. Two FMA units of latency 4 or 5 need ten
// sums in flight: 3 pixels by 32 channels give twelve, and leave three registers for the inputs and one
// for the weights. 6 pixels by 16 channels would read each input twice as often from the second-level
// cache, and are 4% slower.

#if defined(__x86_64__)
#include <immintrin.h>

#define CK_NAME(x) ck_avx2_##x
#define CK_TARGET __attribute__((target("avx2,fma")))
#define VL 8
#define MR 3
#define PMR 3
#define NB 2
#define STEPS 16
#define v_set1(a) ((vf)_mm256_set1_ps(a))
#define v_fma(a, b, c) ((vf)_mm256_fmadd_ps(a, b, c))
#define v_max(a, b) ((vf)_mm256_max_ps(a, b))
#define v_min(a, b) ((vf)_mm256_min_ps(a, b))

#include "template/kernels.h"
#endif
