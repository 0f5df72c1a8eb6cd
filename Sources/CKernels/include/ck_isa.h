/// Instruction sets, and micro-benchmarks of this machine's peak rates with them.
#ifndef CK_ISA_H
#define CK_ISA_H

#include <stdbool.h>
#include <stddef.h>

/// An instruction set that the kernels are compiled for.
typedef enum {
  CK_ISA_PORTABLE = 0,  ///< C with 128-bit vectors, whatever the compiler makes of them
  CK_ISA_AVX2 = 1,      ///< AVX2 and FMA
  CK_ISA_AVX512 = 2,    ///< AVX-512F
} ck_isa;

/// Whether this processor and this build can run the kernels of `isa`.
bool ck_isa_supported(ck_isa isa);

/// The fastest instruction set that is supported here.
ck_isa ck_isa_best(void);

/// Runs `rounds` rounds of independent fused multiply-adds on registers.
///
/// Returns the floating-point operations done (two for each multiply-add of each lane); the caller
/// takes the time. `sink` receives a value that depends on all of them.
double ck_peak_fma(ck_isa isa, long rounds, float *sink);

/// Reads `count` floats once, as wide as `isa` can, and returns their sum.
///
/// On a buffer well beyond the last-level cache this runs at memory bandwidth: `4 * count` bytes in
/// the time that the caller takes.
float ck_peak_read(ck_isa isa, const float *data, size_t count);

/// Tells the processor that the caller waits in a loop for another thread's write.
static inline void ck_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

#endif
