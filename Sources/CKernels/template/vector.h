// Vector vocabulary of one instruction set.
//
// The including file (isa_*.c) defines:
//   CK_NAME(x)   the symbol x of this instruction set, e.g. ck_avx2_##x
//   CK_TARGET    the function attribute that enables the instructions, or nothing
//   VL           floats in a vector: 4, 8 or 16; 16 channels are CV = 16 / VL vectors
//   MR           pixels of the largest register tile whose pixels lie `16 * stride` floats apart
//   PMR          pixels of the largest register tile with one pointer a pixel
//   STEPS        16 to write out the 16 channels of a block in line, 4 to loop over them in fours
//   NB           16-channel output blocks in a weight panel (1 or 2)
//   v_fma, v_set1, v_max: a * b + c; broadcast; maximum that returns b where either operand is NaN
//
// Every function of the templates is CK_FN (a function of its own) or CK_INLINE (always inlined, so
// that its constant arguments become constants of the caller and its arrays become registers).

#define CV (16 / VL)
#define NV (NB * CV)

#define CK_FN CK_TARGET static
#define CK_INLINE CK_TARGET static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(4 * VL)));
typedef float vf_unaligned __attribute__((vector_size(4 * VL), aligned(4), may_alias));

CK_INLINE vf v_load(const float *p) { return *(const vf_unaligned *)p; }
CK_INLINE void v_store(float *p, vf v) { *(vf_unaligned *)p = v; }
CK_INLINE void v_store_first(float *p, vf v) { *p = v[0]; }

// From an address that need not even be a multiple of 4: a mapped file.
typedef float vf_bytes __attribute__((vector_size(4 * VL), aligned(1), may_alias));
CK_INLINE vf v_load_any(const void *p) { return *(const vf_bytes *)p; }
