// Elementwise work over runs of bytes. The last elements of a run are computed in vectors of their own, by the same
// operations.

CK_FN void CK_NAME(q_quantize)(const float *in, void *out, size_t count, float scale, int zero, int low, int high) {
  const struct CK_NAME(q_bounds) b = CK_NAME(q_bounds_of)(zero, low, high);
  const qf by = qf_set1(scale);
  size_t i = 0;
  for (; i + QL <= count; i += QL) q_store_bytes((char *)out + i, CK_NAME(q_steps)(qf_load(in + i) / by, b) + zero);
  if (i < count) {
    float last[QL] = {0};
    char bytes[QL];
    memcpy(last, in + i, (count - i) * sizeof *last);
    q_store_bytes(bytes, CK_NAME(q_steps)(qf_load(last) / by, b) + zero);
    memcpy((char *)out + i, bytes, count - i);
  }
}

CK_FN void CK_NAME(q_dequantize)(const void *in, bool is_signed, float *out, size_t count, float scale, int zero) {
  size_t i = 0;
  for (; i + QL <= count; i += QL)
    qf_store(out + i, q_to_float(q_load_bytes((const char *)in + i, is_signed) - zero) * scale);
  for (; i < count; i++) {
    const int byte = is_signed ? ((const int8_t *)in)[i] : ((const uint8_t *)in)[i];
    out[i] = (float)(byte - zero) * scale;
  }
}

CK_INLINE qf CK_NAME(q_value)(const ck_q_operand *a, const void *p) {
  return q_to_float(q_load_bytes(p, a->is_signed) - a->zero);
}

CK_INLINE qv CK_NAME(q_sum)(const ck_q_operand *a, const ck_q_operand *b, const void *x, const void *y,
                            struct CK_NAME(q_bounds) bounds) {
  const qf first = CK_NAME(q_value)(a, x) * a->factor;
  const qf second = CK_NAME(q_value)(b, y) * b->factor;
  return CK_NAME(q_steps)(first + second, bounds) + bounds.zero;
}

CK_INLINE qv CK_NAME(q_product)(const ck_q_operand *a, const ck_q_operand *b, const void *x, const void *y,
                                float factor, struct CK_NAME(q_bounds) bounds) {
  const qf product = CK_NAME(q_value)(a, x) * CK_NAME(q_value)(b, y);
  return CK_NAME(q_steps)(product * factor, bounds) + bounds.zero;
}

CK_FN void CK_NAME(q_add)(const ck_q_operand *a, const ck_q_operand *b, void *out, size_t count, int zero, int low,
                          int high) {
  const struct CK_NAME(q_bounds) bounds = CK_NAME(q_bounds_of)(zero, low, high);
  const char *x = a->data, *y = b->data;
  char *to = out;
  size_t i = 0;
  for (; i + QL <= count; i += QL) q_store_bytes(to + i, CK_NAME(q_sum)(a, b, x + i, y + i, bounds));
  if (i < count) {
    char p[QL] = {0}, q[QL] = {0};
    memcpy(p, x + i, count - i);
    memcpy(q, y + i, count - i);
    q_store_bytes(p, CK_NAME(q_sum)(a, b, p, q, bounds));
    memcpy(to + i, p, count - i);
  }
}

CK_FN void CK_NAME(q_multiply)(const ck_q_operand *a, const ck_q_operand *b, float factor, void *out, size_t count,
                               int zero, int low, int high) {
  const struct CK_NAME(q_bounds) bounds = CK_NAME(q_bounds_of)(zero, low, high);
  const char *x = a->data, *y = b->data;
  char *to = out;
  size_t i = 0;
  for (; i + QL <= count; i += QL) q_store_bytes(to + i, CK_NAME(q_product)(a, b, x + i, y + i, factor, bounds));
  if (i < count) {
    char p[QL] = {0}, q[QL] = {0};
    memcpy(p, x + i, count - i);
    memcpy(q, y + i, count - i);
    q_store_bytes(p, CK_NAME(q_product)(a, b, p, q, factor, bounds));
    memcpy(to + i, p, count - i);
  }
}

CK_FN void CK_NAME(q_scale_block)(const ck_q_operand *a, const float *factors, void *out, size_t pixels, int zero,
                                  int low, int high) {
  const struct CK_NAME(q_bounds) bounds = CK_NAME(q_bounds_of)(zero, low, high);
  const char *from = a->data;
  char *to = out;
  for (size_t p = 0; p < pixels; p++, from += 16, to += 16)
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
      q_store_bytes(to + v * QL,
                    CK_NAME(q_steps)(CK_NAME(q_value)(a, from + v * QL) * qf_load(factors + v * QL), bounds) + zero);
}
