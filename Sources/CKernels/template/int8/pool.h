// Pooling of bytes over NCHW16c.

// The taps [first, last) of `count` whose position lies in 0..<extent.
CK_INLINE void CK_NAME(q_taps)(int start, int dilation, int count, int extent, int *first, int *last) {
  *first = start < 0 ? (-start + dilation - 1) / dilation : 0;
  *last = start >= extent ? 0 : ck_min(count, (extent - 1 - start) / dilation + 1);
  if (*last < *first) *last = *first;
}

CK_INLINE void CK_NAME(q_pool_max)(const ck_pool_shape *c, const char *plane, const bool is_signed, int y0, int y1,
                                   int x0, int x1, int iy, int ix, char *to) {
  q16u8 flip = {0};
  if (is_signed) flip += 0x80;  // signed bytes in the order of unsigned ones
  q16u8 largest = {0};
  for (int ky = y0; ky < y1; ky++)
    for (int kx = x0; kx < x1; kx++) {
      const ptrdiff_t at = ((ptrdiff_t)(iy + ky * c->dilation_y) * c->in_width + ix + (ptrdiff_t)kx * c->dilation_x) * 16;
      largest = __builtin_elementwise_max(largest, *(const q16u8_memory *)(plane + at) ^ flip);
    }
  *(q16u8_memory *)to = largest ^ flip;
}

CK_INLINE void CK_NAME(q_mean)(const qv sums[QCV], float factor, struct CK_NAME(q_bounds) bounds, char *to) {
  _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
    q_store_bytes(to + v * QL, CK_NAME(q_steps)(q_to_float(sums[v]) * factor, bounds) + bounds.zero);
}

CK_FN void CK_NAME(q_pool)(const ck_pool_shape *c, const void *in, bool is_signed, int in_zero, float factor,
                           void *out, int zero, int low, int high, int64_t begin, int64_t end) {
  const struct CK_NAME(q_bounds) bounds = CK_NAME(q_bounds_of)(zero, low, high);
  for (int64_t task = begin; task < end; task++) {
    const int y = (int)(task % c->out_height);
    const int64_t block = task / c->out_height;
    const char *plane = (const char *)in + block * c->in_height * c->in_width * 16;
    char *line = (char *)out + (block * c->out_height + y) * c->out_width * 16;
    const int iy = y * c->stride_y - c->pad_top;
    int y0, y1, py0, py1;
    CK_NAME(q_taps)(iy, c->dilation_y, c->kernel_height, c->in_height, &y0, &y1);
    CK_NAME(q_taps)(iy + c->pad_top, c->dilation_y, c->kernel_height, c->in_height + c->pad_top + c->pad_bottom, &py0, &py1);
    for (int x = 0; x < c->out_width; x++) {
      const int ix = x * c->stride_x - c->pad_left;
      int x0, x1, px0, px1;
      CK_NAME(q_taps)(ix, c->dilation_x, c->kernel_width, c->in_width, &x0, &x1);
      if (c->kind == CK_POOL_MAX) {
        CK_NAME(q_pool_max)(c, plane, is_signed, y0, y1, x0, x1, iy, ix, line + x * 16);
        continue;
      }
      CK_NAME(q_taps)(ix + c->pad_left, c->dilation_x, c->kernel_width, c->in_width + c->pad_left + c->pad_right, &px0, &px1);
      qv sums[QCV] = {0};
      for (int ky = y0; ky < y1; ky++)
        for (int kx = x0; kx < x1; kx++) {
          const ptrdiff_t at = ((ptrdiff_t)(iy + ky * c->dilation_y) * c->in_width + ix + (ptrdiff_t)kx * c->dilation_x) * 16;
          _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) sums[v] += q_load_bytes(plane + at + v * QL, is_signed) - in_zero;
        }
      const int count = c->kind == CK_POOL_AVERAGE ? (y1 - y0) * (x1 - x0) : (py1 - py0) * (px1 - px0);
      CK_NAME(q_mean)(sums, factor / (float)ck_max(count, 1), bounds, line + x * 16);
    }
  }
}

CK_FN void CK_NAME(q_global_average)(const void *in, bool is_signed, int in_zero, int64_t pixels, float factor,
                                     void *out, int zero, int low, int high) {
  const char *from = in;
  qv sums[QCV] = {0};
  for (int64_t p = 0; p < pixels; p++, from += 16)
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) sums[v] += q_load_bytes(from + v * QL, is_signed);
  _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) sums[v] -= (int32_t)(pixels * in_zero);
  CK_NAME(q_mean)(sums, factor, CK_NAME(q_bounds_of)(zero, low, high), out);
}
