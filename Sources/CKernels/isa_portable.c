// The kernels in portable C: vectors of 4 floats, which every 64-bit processor has in some form.

#define CK_NAME(x) ck_portable_##x
#define CK_TARGET
#define VL 4
#define MR 3
#define PMR 3
#define NB 1
#define STEPS 4

typedef float ck_float4 __attribute__((vector_size(16)));
typedef int ck_int4 __attribute__((vector_size(16)));

#define CK_ALWAYS static inline __attribute__((always_inline))
CK_ALWAYS ck_float4 v_set1(float a) { return (ck_float4){a, a, a, a}; }
CK_ALWAYS ck_float4 v_fma(ck_float4 a, ck_float4 b, ck_float4 c) { return a * b + c; }
CK_ALWAYS ck_float4 v_select(ck_int4 mask, ck_float4 a, ck_float4 b) {
  return (ck_float4)(((ck_int4)a & mask) | ((ck_int4)b & ~mask));
}
CK_ALWAYS ck_float4 v_max(ck_float4 a, ck_float4 b) { return v_select(a > b, a, b); }
CK_ALWAYS ck_float4 v_min(ck_float4 a, ck_float4 b) { return v_select(a < b, a, b); }

#include "template/kernels.h"
