// Depthwise convolution of bytes: two taps of the same channel are the pair that a lane multiplies.
#if QG == 2

// Two pixels of 16 channels as pairs. Vectors of eight lanes get them in the order in which two shuffles give them, with
// the second and the third quarter of the channels exchanged.
CK_INLINE void CK_NAME(q_interleave)(const int16_t *a, const int16_t *b, qv pairs[QCV]) {
  const q16s x = *(const q16s_memory *)a, y = *(const q16s_memory *)b;
#if QL == 16
  pairs[0] = (qv)__builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10,
                                         26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif QL == 8
  pairs[0] = (qv)__builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27);
  pairs[1] = (qv)__builtin_shufflevector(x, y, 4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31);
#else
  pairs[0] = (qv)__builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19);
  pairs[1] = (qv)__builtin_shufflevector(x, y, 4, 20, 5, 21, 6, 22, 7, 23);
  pairs[2] = (qv)__builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27);
  pairs[3] = (qv)__builtin_shufflevector(x, y, 12, 28, 13, 29, 14, 30, 15, 31);
#endif
}

// From the order of channels to that of pairs, and back.
CK_INLINE void CK_NAME(q_reorder)(qv v[QCV]) {
#if QL == 8
  const qv first = __builtin_shufflevector(v[0], v[1], 0, 1, 2, 3, 8, 9, 10, 11);
  v[1] = __builtin_shufflevector(v[0], v[1], 4, 5, 6, 7, 12, 13, 14, 15);
  v[0] = first;
#else
  (void)v;
#endif
}

// The sums of `count` pixels, QNB * 16 apart.
CK_INLINE void CK_NAME(q_depthwise_pixels)(const int count, const int groups, const int32_t *offsets,
                                           const int16_t *const pixels[], const int32_t *bias, const int16_t *weights,
                                           int32_t *sums) {
  qv acc[4][QCV];
  _Pragma("GCC unroll 4") for (int i = 0; i < count; i++)
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) acc[i][v] = q_set1(0);
  for (int g = 0; g < groups; g++, weights += 32) {
    qv w[QCV];
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
        w[v] = q_load((const int32_t *)(const void *)(weights + v * QL * 2));
    CK_NAME(q_reorder)(w);
    _Pragma("GCC unroll 4") for (int i = 0; i < count; i++) {
      qv pairs[QCV];
      CK_NAME(q_interleave)(pixels[i] + offsets[2 * g], pixels[i] + offsets[2 * g + 1], pairs);
      _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
        acc[i][v] = q_dot(acc[i][v], pairs[v], w[v]);
    }
  }
  _Pragma("GCC unroll 4") for (int i = 0; i < count; i++) {
    CK_NAME(q_reorder)(acc[i]);
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
        q_store(sums + i * QNB * 16 + v * QL, acc[i][v] + q_load(bias + v * QL));
  }
}

// The output pixels [first, last) of a block of channels whose window starts with the row of the first of them.
CK_FN void CK_NAME(q_depthwise_sweep)(const ck_q_plan *p, const struct CK_NAME(q_finish) *finish,
                                      const int32_t *offsets, const int16_t *window, const int32_t *bias,
                                      const int16_t *weights, int first, int last) {
  const ck_conv_shape *c = &p->shape;
  enum { TILE = 12 };
  const ptrdiff_t down = (ptrdiff_t)c->stride_y * p->window_columns * 16;
  int x = first % c->out_width;
  for (int pixel = first; pixel < last;) {
    int32_t sums[TILE][QNB * 16] __attribute__((aligned(64)));
    const int16_t *from[TILE];
    ptrdiff_t at[TILE];
    const int count = ck_min(TILE, last - pixel);
    for (int i = 0; i < count; i++, pixel++) {
      at[i] = (ptrdiff_t)pixel * 16;
      from[i] = window + (ptrdiff_t)x * c->stride_x * 16;
      if (++x == c->out_width) x = 0, window += down;
    }
    int i = 0;
    for (; i + 4 <= count; i += 4)
      CK_NAME(q_depthwise_pixels)(4, p->groups, offsets, from + i, bias, weights, sums[i]);
    for (; i < count; i++) CK_NAME(q_depthwise_pixels)(1, p->groups, offsets, from + i, bias, weights, sums[i]);
    CK_NAME(q_finish_block)(finish, sums[0], 0, count, at);
  }
}

CK_FN void CK_NAME(q_depthwise_run)(const ck_q_plan *p, const void *packed, const void *in, void *out,
                                    const ck_q_epilogue *e, void *scratch, int64_t begin, int64_t end) {
  const ck_conv_shape *c = &p->shape;
  const ptrdiff_t plane = (ptrdiff_t)c->in_height * c->in_width * 16;
  const int pixels = c->out_height * c->out_width, taps = c->kernel_height * c->kernel_width;
  int32_t *const offsets = scratch;
  int16_t *const window = (int16_t *)((char *)scratch + ((ptrdiff_t)p->runs * (ptrdiff_t)sizeof *offsets + 63) / 64 * 64);
  // An odd tap is paired with itself, with a weight of 0.
  for (int tap = 0; tap < 2 * p->groups; tap++) {
    const int t = ck_min(tap, taps - 1);
    offsets[tap] = (int32_t)(((ptrdiff_t)(t / c->kernel_width) * c->dilation_y * p->window_columns +
                              (ptrdiff_t)(t % c->kernel_width) * c->dilation_x) * 16);
  }
  const int32_t *const bias = packed;
  const int16_t *const weights = (const int16_t *)(const void *)(bias + (ptrdiff_t)p->panels * 16);
  struct CK_NAME(q_finish) finish = CK_NAME(q_finish_of)(e);

  for (int64_t task = begin; task < end; task++) {
    const int panel = (int)(task % p->panels), pixel_chunk = (int)(task / p->panels % p->pixel_chunks);
    const int n = (int)(task / p->panels / p->pixel_chunks);
    const int first = pixel_chunk * p->chunk_pixels, last = ck_min(first + p->chunk_pixels, pixels);
    CK_NAME(q_window_rows)(p, (const uint8_t *)in + ((ptrdiff_t)n * p->panels + panel) * plane, first / c->out_width, 1, window);
    CK_NAME(q_aim)(&finish, p, e, out, n, panel);
    CK_NAME(q_depthwise_sweep)(p, &finish, offsets, window, bias + panel * 16,
                               weights + (ptrdiff_t)panel * p->groups * 32, first, last);
  }
}
#endif
