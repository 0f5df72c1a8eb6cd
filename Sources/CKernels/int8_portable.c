// The quantised kernels in portable C: vectors of four lanes, which every 64-bit processor has in some form.

#include <stdint.h>

#include "template/int8/portable.h"

#define CK_NAME(x) ck_q_portable_##x
#define QMR 3
#define QNB 1
#define QG 2
#define NARROW_SUMS 0

// The two products of 16-bit integers in each lane.
CK_ALWAYS qv q_dot(qv acc, qv a, qv b) {
  typedef uint32_t qu __attribute__((vector_size(16)));
  const qv even = ((qv)((qu)a << 16) >> 16) * ((qv)((qu)b << 16) >> 16), odd = (a >> 16) * (b >> 16);
  return (qv)((qu)acc + (qu)even + (qu)odd);
}

#include "template/int8/kernels.h"
