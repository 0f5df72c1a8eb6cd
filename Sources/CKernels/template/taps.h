// Sums over the taps of a filter. Four vectors are in flight, which hides the latency of most of a multiply-add.

CK_FN void CK_NAME(tap_sum)(const float *const *runs, const float *weights, size_t taps, float *out, size_t count) {
  size_t i = 0;
  for (; i + 4 * VL <= count; i += 4 * VL) {
    vf sums[4] = {v_set1(0), v_set1(0), v_set1(0), v_set1(0)};
    for (size_t t = 0; t < taps; t++) {
      const vf weight = v_set1(weights[t]);
      _Pragma("GCC unroll 4") for (int v = 0; v < 4; v++)
        sums[v] = v_fma(v_load(runs[t] + i + v * VL), weight, sums[v]);
    }
    _Pragma("GCC unroll 4") for (int v = 0; v < 4; v++) v_store(out + i + v * VL, sums[v]);
  }
  for (; i + VL <= count; i += VL) {
    vf sum = v_set1(0);
    for (size_t t = 0; t < taps; t++) sum = v_fma(v_load(runs[t] + i), v_set1(weights[t]), sum);
    v_store(out + i, sum);
  }
  for (; i < count; i++) {
    vf sum = v_set1(0);
    for (size_t t = 0; t < taps; t++) sum = v_fma(v_set1(runs[t][i]), v_set1(weights[t]), sum);
    v_store_first(out + i, sum);
  }
}

CK_FN void CK_NAME(tap_products)(const float *const *runs, const float *factors, size_t taps, float *products,
                                 size_t count) {
  for (size_t t = 0; t < taps; t++) {
    const float *run = runs[t];
    vf sums[4] = {v_set1(0), v_set1(0), v_set1(0), v_set1(0)};
    size_t i = 0;
    for (; i + 4 * VL <= count; i += 4 * VL)
      _Pragma("GCC unroll 4") for (int v = 0; v < 4; v++)
        sums[v] = v_fma(v_load(run + i + v * VL), v_load(factors + i + v * VL), sums[v]);
    for (; i + VL <= count; i += VL) sums[0] = v_fma(v_load(run + i), v_load(factors + i), sums[0]);
    const vf all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float product = 0;
    for (int l = 0; l < VL; l++) product += all[l];
    for (; i < count; i++) product += run[i] * factors[i];
    products[t] += product;
  }
}
