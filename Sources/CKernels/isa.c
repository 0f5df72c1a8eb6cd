// The instruction sets of this build and this processor.

#include "internal.h"

extern const ck_kernels ck_portable_kernels;
#if defined(__x86_64__)
extern const ck_kernels ck_avx2_kernels;
extern const ck_kernels ck_avx512_kernels;
#endif

const ck_kernels *ck_kernels_of(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE: return &ck_portable_kernels;
#if defined(__x86_64__)
    case CK_ISA_AVX2: return &ck_avx2_kernels;
    case CK_ISA_AVX512: return &ck_avx512_kernels;
#endif
    default: return NULL;
  }
}

bool ck_isa_supported(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE: return true;
#if defined(__x86_64__)
    case CK_ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CK_ISA_AVX512: return __builtin_cpu_supports("avx512f");
#endif
    default: return false;
  }
}

ck_isa ck_isa_best(void) {
  if (ck_isa_supported(CK_ISA_AVX512)) return CK_ISA_AVX512;
  if (ck_isa_supported(CK_ISA_AVX2)) return CK_ISA_AVX2;
  return CK_ISA_PORTABLE;
}
