// y = x W^T + b with W as it lies in the file: sums over the vectors of a row of W.

CK_INLINE float CK_NAME(sum_lanes)(vf a) {
  float total = 0;
  for (int i = 0; i < VL; i++) total += a[i];
  return total;
}

// `rows` outputs from `first` on, for `samples` samples.
CK_INLINE void CK_NAME(gemm_tile)(const int rows, const int samples, const ck_gemm *g, int64_t first, int sample) {
  const char *w[CK_GEMM_ROWS];
  const float *x[2];
  vf sum[CK_GEMM_ROWS][2];
  _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++)
    w[r] = (const char *)g->weights + (first + r) * g->inputs * (int64_t)sizeof(float);
  _Pragma("GCC unroll 4") for (int s = 0; s < samples; s++) x[s] = g->x + (sample + s) * g->x_row;
  _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++)
    _Pragma("GCC unroll 4") for (int s = 0; s < samples; s++) sum[r][s] = v_set1(0);
  int i = 0;
  for (; i + VL <= g->inputs; i += VL) {
    vf value[2];
    _Pragma("GCC unroll 4") for (int s = 0; s < samples; s++) value[s] = v_load(x[s] + i);
    _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) {
      const vf weight = v_load_any(w[r] + i * sizeof(float));
      _Pragma("GCC unroll 4") for (int s = 0; s < samples; s++) sum[r][s] = v_fma(weight, value[s], sum[r][s]);
    }
  }
  for (int r = 0; r < rows; r++)
    for (int s = 0; s < samples; s++) {
      float total = CK_NAME(sum_lanes)(sum[r][s]);
      for (int k = i; k < g->inputs; k++) total += ck_read_float(w[r], k) * x[s][k];
      if (g->bias) total += ck_read_float(g->bias, first + r);
      total = total < g->low ? g->low : total > g->high ? g->high : total;
      g->y[(sample + s) * g->y_row + first + r] = total;
    }
}

CK_FN void CK_NAME(gemm_run)(const ck_gemm *g, int64_t begin, int64_t end) {
  for (int64_t task = begin; task < end; task++) {
    const int64_t first = task * CK_GEMM_ROWS;
    const int rows = (int)(g->outputs - first < CK_GEMM_ROWS ? g->outputs - first : CK_GEMM_ROWS);
    int sample = 0;
    if (rows == CK_GEMM_ROWS) {
      for (; sample + 2 <= g->batch; sample += 2) CK_NAME(gemm_tile)(4, 2, g, first, sample);
      for (; sample < g->batch; sample++) CK_NAME(gemm_tile)(4, 1, g, first, sample);
    } else {
      for (; sample < g->batch; sample++)
        for (int r = 0; r < rows; r++) CK_NAME(gemm_tile)(1, 1, g, first + r, sample);
    }
  }
}
