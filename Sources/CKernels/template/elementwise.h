// Elementwise work over runs of floats.

CK_INLINE vf CK_NAME(apply)(const int op, vf a, vf b) {
  return op == CK_ADD ? a + b : op == CK_SUBTRACT ? a - b : a * b;
}

CK_INLINE void CK_NAME(binary_loop)(const int op, const float *a, const float *b, float *out, size_t count,
                                    float low, float high) {
  size_t i = 0;
  for (; i + VL <= count; i += VL)
    v_store(out + i, v_min(v_set1(high), v_max(v_set1(low), CK_NAME(apply)(op, v_load(a + i), v_load(b + i)))));
  for (; i < count; i++)
    v_store_first(out + i, v_min(v_set1(high), v_max(v_set1(low), CK_NAME(apply)(op, v_set1(a[i]), v_set1(b[i])))));
}

CK_FN void CK_NAME(binary)(ck_binary_operator op, const float *a, const float *b, float *out, size_t count,
                           float low, float high) {
  switch (op) {
    case CK_ADD: CK_NAME(binary_loop)(CK_ADD, a, b, out, count, low, high); break;
    case CK_SUBTRACT: CK_NAME(binary_loop)(CK_SUBTRACT, a, b, out, count, low, high); break;
    case CK_MULTIPLY: CK_NAME(binary_loop)(CK_MULTIPLY, a, b, out, count, low, high); break;
  }
}

CK_FN void CK_NAME(clamp)(const float *a, float *out, size_t count, float low, float high) {
  size_t i = 0;
  for (; i + VL <= count; i += VL) v_store(out + i, v_min(v_set1(high), v_max(v_set1(low), v_load(a + i))));
  for (; i < count; i++) v_store_first(out + i, v_min(v_set1(high), v_max(v_set1(low), v_set1(a[i]))));
}

CK_FN void CK_NAME(scale_block)(const float *a, const float *factors, float *out, size_t pixels) {
  vf factor[CV];
  _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) factor[v] = v_load(factors + v * VL);
  for (size_t p = 0; p < pixels; p++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++)
      v_store(out + p * 16 + v * VL, v_load(a + p * 16 + v * VL) * factor[v]);
}

CK_FN void CK_NAME(shift_block)(const float *a, const float *terms, float *out, size_t pixels) {
  vf term[CV];
  _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) term[v] = v_load(terms + v * VL);
  for (size_t p = 0; p < pixels; p++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++)
      v_store(out + p * 16 + v * VL, v_load(a + p * 16 + v * VL) + term[v]);
}
