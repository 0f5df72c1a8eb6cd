// The vector vocabulary in portable C: four lanes.

#define CK_TARGET
#define QL 4

typedef int32_t qv __attribute__((vector_size(16)));
typedef float qf __attribute__((vector_size(16)));

#define CK_ALWAYS static inline __attribute__((always_inline))
CK_ALWAYS qf q_select(qv mask, qf a, qf b) { return (qf)(((qv)a & mask) | ((qv)b & ~mask)); }
CK_ALWAYS qf qf_max(qf a, qf b) { return q_select(a > b, a, b); }
CK_ALWAYS qf qf_min(qf a, qf b) { return q_select(a < b, a, b); }

// 1.5 * 2^23 leaves no bits for fractions: the sum's rounding is the rounding to an integer, in its low bits.
CK_ALWAYS qv q_round(qf v) { return (qv)(v + 12582912.0f) - 0x4b400000; }
