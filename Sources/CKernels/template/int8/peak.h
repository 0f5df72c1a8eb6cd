// A micro-benchmark: the peak rate of products of quantised numbers.

CK_FN double CK_NAME(q_peak)(long rounds, int32_t *sink) {
  enum { SUMS = QL == 16 ? 12 : 8 };
  qv sum[SUMS], a = q_set1(0x01020304), b = q_set1(0x04030201);
  _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] = q_set1(i);
  for (long r = 0; r < rounds; r++)
    _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] = q_dot(sum[i], a, b);
  _Pragma("GCC unroll 16") for (int i = 1; i < SUMS; i++) sum[0] ^= sum[i];
  int32_t total = 0;
  for (int i = 0; i < QL; i++) total ^= sum[0][i];
  *sink = total;
  return 2.0 * SUMS * QL * QG * (double)rounds;
}
