// Depthwise convolution: each lane has its own kernel, so a vector of channels is a vector of results.

enum { CK_NAME(depthwise_side) = 8 / CV };  // pixels at once: with their vectors, eight sums

// `count` pixels of one output row, whose taps [y0, y1) x [x0, x1) all exist. `in` is at tap (0, 0) of
// the first pixel, which may lie outside the input.
CK_INLINE void CK_NAME(depthwise_pixels)(const int count, const ck_conv_shape *c, const float *w,
                                         const float *in, ptrdiff_t in_row, int y0, int y1, int x0,
                                         int x1, const struct CK_NAME(finish) *f, ptrdiff_t at) {
  vf sum[8 / CV][CV];
  _Pragma("GCC unroll 8") for (int i = 0; i < count; i++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) sum[i][v] = v_load(f->bias + v * VL);
  for (int ky = y0; ky < y1; ky++)
    for (int kx = x0; kx < x1; kx++) {
      const float *tap = w + (ky * c->kernel_width + kx) * 16;
      const float *from = in + ky * c->dilation_y * in_row + (ptrdiff_t)kx * c->dilation_x * 16;
      _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
        const vf weight = v_load(tap + v * VL);
        _Pragma("GCC unroll 8") for (int i = 0; i < count; i++)
          sum[i][v] = v_fma(v_load(from + (ptrdiff_t)i * c->stride_x * 16 + v * VL), weight, sum[i][v]);
      }
    }
  _Pragma("GCC unroll 8") for (int i = 0; i < count; i++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
      const ptrdiff_t to = at + i * 16 + v * VL;
      vf value = sum[i][v];
      if (f->scale) value *= v_load(f->scale + v * VL);
      if (f->add) value += v_load(f->add + to);
      v_store(f->out + to, v_min(v_set1(f->high), v_max(v_set1(f->low), value)));
    }
}

// The taps k of [0, kernel) with 0 <= first + k * dilation < size.
CK_INLINE void CK_NAME(tap_range)(int first, int dilation, int kernel, int size, int *low, int *high) {
  *low = first >= 0 ? 0 : ck_min(kernel, (dilation - 1 - first) / dilation);
  *high = first >= size ? 0 : ck_min(kernel, (size - first + dilation - 1) / dilation);
  if (*high < *low) *high = *low;
}

CK_FN void CK_NAME(depthwise_run)(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                                  const ck_view *out, const ck_epilogue *e, float *scratch,
                                  int64_t begin, int64_t end) {
  (void)scratch;
  const ck_conv_shape *c = &plan->shape;
  const int taps = c->kernel_height * c->kernel_width, blocks = plan->panels;
  const float *weights = packed + (ptrdiff_t)blocks * 16;
  const int rows = plan->chunk_pixels / c->out_width;
  for (int64_t task = begin; task < end; task++) {
    const int chunk = (int)(task % plan->pixel_chunks);
    const int block = (int)(task / plan->pixel_chunks % blocks), n = (int)(task / plan->pixel_chunks / blocks);
    const float *plane = in->data + n * in->sample + block * in->block;
    const float *w = weights + (ptrdiff_t)block * taps * 16;
    const struct CK_NAME(finish) f = {
        .out = out->data + n * out->sample + block * out->block,
        .add = e->residual.data ? e->residual.data + n * e->residual.sample + block * e->residual.block : NULL,
        .bias = (e->bias ? e->bias + n * e->bias_sample : packed) + block * 16,
        .scale = e->scale ? e->scale + n * e->scale_sample + block * 16 : NULL,
        .low = e->clamp ? e->low : -INFINITY,
        .high = e->clamp ? e->high : INFINITY,
    };
    const int last_row = ck_min((chunk + 1) * rows, c->out_height);
    for (int y = chunk * rows; y < last_row; y++) {
      const int iy = y * c->stride_y - c->pad_top;
      int y0, y1;
      CK_NAME(tap_range)(iy, c->dilation_y, c->kernel_height, c->in_height, &y0, &y1);
      for (int x = 0; x < c->out_width;) {
        const int ix = x * c->stride_x - c->pad_left;
        const int last = ix + (CK_NAME(depthwise_side) - 1) * c->stride_x + (c->kernel_width - 1) * c->dilation_x;
        const float *from = plane + iy * in->row + (ptrdiff_t)ix * 16;
        const ptrdiff_t at = y * out->row + (ptrdiff_t)x * 16;
        if (ix >= 0 && last < c->in_width && x + CK_NAME(depthwise_side) <= c->out_width) {
          CK_NAME(depthwise_pixels)(CK_NAME(depthwise_side), c, w, from, in->row, y0, y1, 0, c->kernel_width, &f, at);
          x += CK_NAME(depthwise_side);
        } else {
          int x0, x1;
          CK_NAME(tap_range)(ix, c->dilation_x, c->kernel_width, c->in_width, &x0, &x1);
          CK_NAME(depthwise_pixels)(1, c, w, from, in->row, y0, y1, x0, x1, &f, at);
          x++;
        }
      }
    }
  }
}
