// Micro-benchmarks: the peak rates of the instruction set on this machine.

CK_FN double CK_NAME(peak_fma)(long rounds, float *sink) {
  enum { SUMS = 12 };
  vf sum[SUMS], factor = v_set1(0.999f), term = v_set1(0.001f);
  _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] = v_set1((float)i);
  for (long r = 0; r < rounds; r++)
    _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++) sum[i] = v_fma(sum[i], factor, term);
  _Pragma("GCC unroll 16") for (int i = 1; i < SUMS; i++) sum[0] += sum[i];
  float total = 0;
  for (int i = 0; i < VL; i++) total += sum[0][i];
  *sink = total;
  return 2.0 * SUMS * VL * (double)rounds;
}

CK_FN float CK_NAME(peak_read)(const float *data, size_t count) {
  vf sum[4] = {v_set1(0), v_set1(0), v_set1(0), v_set1(0)};
  size_t i = 0;
  for (; i + 4 * VL <= count; i += 4 * VL)
    _Pragma("GCC unroll 4") for (int k = 0; k < 4; k++) sum[k] += v_load(data + i + k * VL);
  sum[0] += sum[1] + (sum[2] + sum[3]);
  float total = 0;
  for (int k = 0; k < VL; k++) total += sum[0][k];
  for (; i < count; i++) total += data[i];
  return total;
}
