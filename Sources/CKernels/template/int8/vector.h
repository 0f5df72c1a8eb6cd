// Vector vocabulary of the quantised kernels, for one instruction set and one way to multiply.
//
// The including file (int8_*.c) defines:
//   CK_NAME(x)   the symbol x of this variant, e.g. ck_q_avx2_##x
//   CK_TARGET    the function attribute that enables the instructions, or nothing
//   QL           32-bit lanes of a vector: 4, 8 or 16; 16 channels are QCV = 16 / QL vectors
//   QMR          pixels of the largest register tile
//   QNB          16-channel output blocks in a weight panel (1 or 2)
//   QG           elements that a lane multiplies: 2 (16-bit integers) or 4 (unsigned by signed bytes)
//   NARROW_SUMS  whether q_dot sums two products of bytes in 16 bits, with saturation
//   q_dot(acc, a, b)  acc + the sum of the QG products in each lane, modulo 2^32
//   qf_max, qf_min    the second operand where either is NaN
//   q_round(v)        halves to even; |v| < 2^22
//   q_store_sixteen(p, v)  optional: the low bytes of 16 integers, QCV vectors of them
//   Q_FOURS      optional: 1 if fours.h finishes four pixels at a time (AVX-512)
#pragma STDC FP_CONTRACT OFF

#ifndef Q_FOURS
#define Q_FOURS 0
#endif

#define QCV (16 / QL)
#define QNV (QNB * QCV)

#define CK_FN CK_TARGET static
#define CK_INLINE CK_TARGET static inline __attribute__((always_inline))

typedef int32_t qv_memory __attribute__((vector_size(4 * QL), aligned(4), may_alias));
typedef float qf_memory __attribute__((vector_size(4 * QL), aligned(4), may_alias));
typedef uint8_t qu8 __attribute__((vector_size(QL)));
typedef int8_t qs8 __attribute__((vector_size(QL)));
typedef uint8_t qu8_memory __attribute__((vector_size(QL), aligned(1), may_alias));

// Sixteen channels of a pixel.
typedef int16_t q16s __attribute__((vector_size(32)));
typedef int16_t q16s_memory __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint8_t q16u8 __attribute__((vector_size(16)));
typedef int8_t q16s8 __attribute__((vector_size(16)));
typedef uint8_t q16u8_memory __attribute__((vector_size(16), aligned(1), may_alias));

// An element of a window, and a group of them.
#if QG == 2
typedef int16_t qe;
#else
typedef uint8_t qe;
#endif

CK_INLINE qv q_load(const int32_t *p) { return *(const qv_memory *)p; }
CK_INLINE void q_store(int32_t *p, qv v) { *(qv_memory *)p = v; }
CK_INLINE qf qf_load(const float *p) { return *(const qf_memory *)p; }
CK_INLINE void qf_store(float *p, qf v) { *(qf_memory *)p = v; }
CK_INLINE qv q_set1(int32_t a) { return (qv){0} + a; }
CK_INLINE qf qf_set1(float a) { return (qf){0} + a; }
CK_INLINE qf q_to_float(qv v) { return __builtin_convertvector(v, qf); }

// QL bytes as integers, and the low bytes of integers.
CK_INLINE qv q_load_bytes(const void *p, bool is_signed) {
  const qu8 bytes = *(const qu8_memory *)p;
  return is_signed ? __builtin_convertvector((qs8)bytes, qv) : __builtin_convertvector(bytes, qv);
}
CK_INLINE void q_store_bytes(void *p, qv v) { *(qu8_memory *)p = __builtin_convertvector(v, qu8); }
#ifndef q_store_sixteen
CK_INLINE void q_store_sixteen(char *p, const qv v[QCV]) {
  _Pragma("GCC unroll 4") for (int i = 0; i < QCV; i++) q_store_bytes(p + i * QL, v[i]);
}
#endif

// The group at `p` in every lane.
CK_INLINE qv q_broadcast(const void *p) {
  int32_t group;
  memcpy(&group, p, sizeof group);
  return q_set1(group);
}

// Sixteen bytes minus a zero point.
CK_INLINE void q_centre(q16s *to, const void *p, bool is_signed, int zero) {
  const q16u8 bytes = *(const q16u8_memory *)p;
  *to = (is_signed ? __builtin_convertvector((q16s8)bytes, q16s) : __builtin_convertvector(bytes, q16s)) - (int16_t)zero;
}

// The bounds of a result, as the rule of ck_int8.h takes them: before the zero point is added.
struct CK_NAME(q_bounds) {
  float low, high;
  int zero;
};

CK_INLINE struct CK_NAME(q_bounds) CK_NAME(q_bounds_of)(int zero, int low, int high) {
  return (struct CK_NAME(q_bounds)){(float)(low - zero), (float)(high - zero), zero};
}

// Steps from the zero point.
CK_INLINE qv CK_NAME(q_steps)(qf v, struct CK_NAME(q_bounds) b) {
  return q_round(qf_min(qf_max(v, qf_set1(b.low)), qf_set1(b.high)));
}
