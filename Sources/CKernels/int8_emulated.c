// The algorithm of int8_vnni.c in portable C, so that tests run it on processors without VNNI: the same template and
// tile, and a product of bytes written out.

#include <stdint.h>

#include "template/int8/portable.h"

#define CK_NAME(x) ck_q_emulated_##x
#define QMR 12
#define QNB 2
#define QG 4
#define NARROW_SUMS 0

// The four products of an unsigned and a signed byte in each lane.
CK_ALWAYS qv q_dot(qv acc, qv a, qv b) {
  typedef uint32_t qu __attribute__((vector_size(16)));
  qu sum = (qu)acc;
  for (int i = 0; i < 4; i++)
    sum += (qu)((qv)(((qu)a >> (8 * i)) & 255) * ((qv)((qu)b << (24 - 8 * i)) >> 24));
  return (qv)sum;
}

#include "template/int8/kernels.h"
