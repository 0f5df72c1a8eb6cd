// Depthwise convolution of bytes: two taps of the same channel are the pair that a lane multiplies.
#if QG == 2

// Two pixels of 16 channels as pairs, 8 channels a vector of 16.
CK_INLINE void CK_NAME(q_interleave)(const int16_t *a, const int16_t *b, int16_t *pairs) {
  const q16s x = *(const q16s_memory *)a, y = *(const q16s_memory *)b;
  *(q16s_memory *)pairs = __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *(q16s_memory *)(pairs + 16) =
      __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
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
    const int16_t *const panel_weights = weights + (ptrdiff_t)panel * p->groups * 32;
    for (int pixel = first; pixel < last; pixel++) {
      const int16_t *const from = window + ((ptrdiff_t)(pixel / c->out_width - first / c->out_width) * c->stride_y * p->window_columns +
                                            (ptrdiff_t)(pixel % c->out_width) * c->stride_x) * 16;
      qv acc[QCV];
      _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) acc[v] = q_load(bias + panel * 16 + v * QL);
      for (int g = 0; g < p->groups; g++) {
        int16_t pairs[32] __attribute__((aligned(64)));
        CK_NAME(q_interleave)(from + offsets[2 * g], from + offsets[2 * g + 1], pairs);
        _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++)
          acc[v] = q_dot(acc[v], q_load((const int32_t *)(const void *)(pairs + v * QL * 2)),
                         q_load((const int32_t *)(const void *)(panel_weights + g * 32 + v * QL * 2)));
      }
      int32_t sums[16] __attribute__((aligned(64)));
      _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) q_store(sums + v * QL, acc[v]);
      const ptrdiff_t at = (ptrdiff_t)pixel * 16;
      CK_NAME(q_finish_block)(&finish, sums, 0, 1, &at);
    }
  }
}
#endif
