// Direct convolution over NCHW16c: the output pixels of a task form one list, cut into register tiles.

// The tiles of one weight panel over one list of pixels of one sample.
struct CK_NAME(sweep) {
  const ck_conv_shape *shape;
  const float *in;         // element (0, 0) of the first input block
  ptrdiff_t in_row, out_row;
  int halo;
  int most_edge;           // pixels of a tile that may have taps in the padding
  int blocks;              // output blocks in the panel
  const float *w;
  const char *prefetch;    // what is needed next ...
  ptrdiff_t prefetch_bytes;  // ... and how much of it
  struct CK_NAME(reduction) reduction;
  struct CK_NAME(finish) finish;
};

CK_INLINE void CK_NAME(sweep_tile)(const struct CK_NAME(sweep) *s, int mode, int pixels,
                                   struct CK_NAME(tile) *t) {
  t->count = pixels;
  CK_NAME(tile_functions)[s->blocks - 1][mode][pixels](s->w, &s->reduction, t, &s->finish);
}

// Up to `most_edge` pixels from (y, x) on, which may run over the ends of rows and of the input.
CK_FN void CK_NAME(sweep_pixels)(const struct CK_NAME(sweep) *s, int y, int x, int pixels) {
  const ck_conv_shape *c = s->shape;
  const int low = -s->halo, bottom = c->in_height + s->halo, right = c->in_width + s->halo;
  const int reach_y = (c->kernel_height - 1) * c->dilation_y;
  const int reach_x = (c->kernel_width - 1) * c->dilation_x;
  struct CK_NAME(tile) t;
  int top[MR], left[MR];
  bool inside = true;
  for (int i = 0; i < pixels; i++) {
    const int iy = y * c->stride_y - c->pad_top, ix = x * c->stride_x - c->pad_left;
    inside &= iy >= low && iy + reach_y < bottom && ix >= low && ix + reach_x < right;
    top[i] = iy;
    left[i] = ix;
    t.in[i] = s->in + iy * s->in_row + (ptrdiff_t)ix * 16;
    t.out[i] = y * s->out_row + (ptrdiff_t)x * 16;
    if (++x == c->out_width) x = 0, y++;
  }
  if (inside) {
    CK_NAME(sweep_tile)(s, CK_POINTERS, pixels, &t);
    return;
  }
  uint16_t rows[CK_MAX_KERNEL], cols[CK_MAX_KERNEL];
  for (int k = 0; k < c->kernel_height; k++) {
    unsigned bits = 0;
    for (int i = 0; i < pixels; i++) {
      const int iy = top[i] + k * c->dilation_y;
      bits |= (unsigned)(iy >= low && iy < bottom) << i;
    }
    rows[k] = (uint16_t)bits;
  }
  for (int k = 0; k < c->kernel_width; k++) {
    unsigned bits = 0;
    for (int i = 0; i < pixels; i++) {
      const int ix = left[i] + k * c->dilation_x;
      bits |= (unsigned)(ix >= low && ix < right) << i;
    }
    cols[k] = (uint16_t)bits;
  }
  t.rows = rows;
  t.cols = cols;
  CK_NAME(sweep_tile)(s, CK_EDGE, pixels, &t);
}

// Cuts a list of pixels into tiles of two sizes that differ by one.
struct CK_NAME(cut) {
  int tiles, size, larger;  // the first `larger` tiles have size + 1 pixels
};

CK_INLINE struct CK_NAME(cut) CK_NAME(cut_pixels)(int count) {
  const int tiles = (count + MR - 1) / MR;
  return (struct CK_NAME(cut)){tiles, count / tiles, count % tiles};
}

// `count` pixels that lie 16 floats apart in input and output, from `in` and `finish.out` on.
CK_FN void CK_NAME(sweep_line)(const struct CK_NAME(sweep) *s, int begin, int count) {
  const struct CK_NAME(cut) cut = CK_NAME(cut_pixels)(count);
  const int group = 4;
  struct CK_NAME(tile) t;
  t.in[0] = s->in + (ptrdiff_t)begin * 16;
  t.out[0] = (ptrdiff_t)begin * 16;
  const ptrdiff_t prefetch_step = s->prefetch_bytes / cut.tiles * group + 63;
  const char *prefetch = s->prefetch, *const prefetch_end = prefetch + s->prefetch_bytes;
  for (int i = 0; i < cut.tiles;) {
    const int size = cut.size + (i < cut.larger);
    const int tiles = ck_min((i < cut.larger ? cut.larger : cut.tiles) - i, group);
    for (ptrdiff_t b = 0; b < prefetch_step && prefetch < prefetch_end; b += 64, prefetch += 64)
      __builtin_prefetch(prefetch, 0, 2);
    t.count = tiles * size;
    CK_NAME(tile_functions)[s->blocks - 1][CK_LINE][size](s->w, &s->reduction, &t, &s->finish);
    t.in[0] += t.count * 16;
    t.out[0] += t.count * 16;
    i += tiles;
  }
}

// The output pixels [begin, end) in row-major order.
CK_FN void CK_NAME(sweep_run)(const struct CK_NAME(sweep) *s, int begin, int end) {
  const ck_conv_shape *c = s->shape;
  const struct CK_NAME(cut) cut = CK_NAME(cut_pixels)(end - begin);
  const ptrdiff_t prefetch_step = (s->prefetch_bytes / cut.tiles + 63) & ~(ptrdiff_t)63;
  const int reach_y = (c->kernel_height - 1) * c->dilation_y;
  const int reach_x = (c->kernel_width - 1) * c->dilation_x;
  int y = begin / c->out_width, x = begin % c->out_width;
  for (int i = 0; i < cut.tiles; i++) {
    const int n = cut.size + (i < cut.larger);
    for (ptrdiff_t b = i * prefetch_step; b < (i + 1) * prefetch_step && b < s->prefetch_bytes; b += 64)
      __builtin_prefetch(s->prefetch + b, 0, 2);
    const int iy = y * c->stride_y - c->pad_top, ix = x * c->stride_x - c->pad_left;
    if (c->stride_x == 1 && x + n <= c->out_width && iy >= -s->halo && ix >= -s->halo &&
        iy + reach_y < c->in_height + s->halo &&
        ix + n - 1 + reach_x < c->in_width + s->halo) {
      struct CK_NAME(tile) t;
      t.in[0] = s->in + iy * s->in_row + (ptrdiff_t)ix * 16;
      t.out[0] = y * s->out_row + (ptrdiff_t)x * 16;
      CK_NAME(sweep_tile)(s, CK_ROW, n, &t);
    } else {
      for (int done = 0; done < n;) {
        const int pieces = (n - done + s->most_edge - 1) / s->most_edge;
        const int part = (n - done + pieces - 1) / pieces;
        CK_NAME(sweep_pixels)(s, y + (x + done) / c->out_width, (x + done) % c->out_width, part);
        done += part;
      }
    }
    x += n;
    while (x >= c->out_width) x -= c->out_width, y++;
  }
}

// The pixels that a strided 1x1 convolution reads, [sample][input block][pixel][16].
CK_FN void CK_NAME(subsample)(const ck_conv_shape *c, const ck_view *in, int first_sample, int last_sample,
                              int first_pixel, int last_pixel, float *to) {
  for (int n = first_sample; n < last_sample; n++)
    for (int block = 0; block < ck_blocks(c->in_channels); block++) {
      const float *from = in->data + n * in->sample + block * in->block;
      int y = first_pixel / c->out_width, x = first_pixel % c->out_width;
      for (int p = first_pixel; p < last_pixel; p++, to += 16) {
        const float *pixel = from + y * c->stride_y * in->row + (ptrdiff_t)x * c->stride_x * 16;
        _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) v_store(to + v * VL, v_load(pixel + v * VL));
        if (++x == c->out_width) x = 0, y++;
      }
    }
}

CK_FN void CK_NAME(direct_run)(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                               const ck_view *out, const ck_epilogue *e, float *scratch,
                               int64_t begin, int64_t end) {
  const ck_conv_shape *c = &plan->shape;
  const int out_blocks = ck_blocks(c->out_channels), in_blocks = ck_blocks(c->in_channels);
  const int pixels = c->out_height * c->out_width;
  const int taps = c->kernel_height * c->kernel_width;
  const ptrdiff_t block_weights = (ptrdiff_t)taps * 16 * 16 * NB;
  const float *weights = packed + (ptrdiff_t)plan->panels * NB * 16;
  const bool residual = e->residual.data != NULL;

  // Whether pixels lie 16 floats apart in the output, and in the input or its copy.
  const bool dense = ck_is_pointwise(c) && out->row == (ptrdiff_t)c->out_width * 16;
  const bool strided = dense && plan->scratch_floats > 0;
  const bool linear = strided || (dense && c->in_width == c->out_width && in->row == out->row);

  struct CK_NAME(sweep) s = {
      .shape = c,
      .in_row = in->row,
      .out_row = out->row,
      .halo = in->halo,
      // A tap that none of a tile's pixels has is skipped. Otherwise the pixels without it read zeros.
      .most_edge = plan->skips_padding ? 1 : PMR,
      .reduction = {.in_block = in->block,
                    .in_row = in->row * c->dilation_y,
                    .in_col = (ptrdiff_t)c->dilation_x * 16,
                    .kernel_h = c->kernel_height,
                    .kernel_w = c->kernel_width},
      .finish = {.out_block = out->block},
  };

  for (int64_t task = begin; task < end; task++) {
    const int panel_chunk = (int)(task % plan->panel_chunks);
    const int pixel_chunk = (int)(task / plan->panel_chunks % plan->pixel_chunks);
    const int sample_chunk = (int)(task / plan->panel_chunks / plan->pixel_chunks);
    const int first_pixel = pixel_chunk * plan->chunk_pixels;
    const int last_pixel = ck_min(first_pixel + plan->chunk_pixels, pixels);
    const int first_sample = sample_chunk * plan->chunk_samples;
    const int last_sample = ck_min(first_sample + plan->chunk_samples, c->batch);
    const int first_panel = panel_chunk * plan->chunk_panels;
    const int last_panel = ck_min(first_panel + plan->chunk_panels, plan->panels);

    const ptrdiff_t copy_block = (ptrdiff_t)(last_pixel - first_pixel) * 16;
    if (strided) {
      CK_NAME(subsample)(c, in, first_sample, last_sample, first_pixel, last_pixel, scratch);
      s.reduction.in_block = copy_block;
    }

    for (int pass = 0; pass * plan->pass_blocks < plan->reduce_blocks; pass++) {
      const int start = pass * plan->pass_blocks;
      for (int panel = first_panel; panel < last_panel; panel++) {
        const ck_block_range range = ck_panel_inputs(c, panel, NB);
        if (pass > 0 && start >= range.count) continue;
        const int count = ck_min(plan->pass_blocks, range.count - start);
        const int first_in = range.first + start;
        const int used = c->in_channels - (first_in + count - 1) * 16;
        s.blocks = ck_min(NB, out_blocks - panel * NB);
        s.w = weights + (ptrdiff_t)panel * plan->reduce_blocks * block_weights +
              start * (block_weights / NB * s.blocks);
        s.prefetch = (const char *)(s.w + count * (block_weights / NB * s.blocks));
        if (plan->pass_blocks < plan->reduce_blocks && panel + 1 < last_panel)
          s.prefetch = (const char *)(s.w + plan->reduce_blocks * block_weights);
        s.prefetch_bytes = count * block_weights * (ptrdiff_t)sizeof(float);
        s.reduction.blocks = count;
        s.reduction.last_lanes = first_in + count == in_blocks ? (used + 3) & ~3 : 16;
        const bool clamp = e->clamp && start + count == range.count;
        s.finish.low = clamp ? e->low : -INFINITY;
        s.finish.high = clamp ? e->high : INFINITY;
        for (int n = first_sample; n < last_sample; n++) {
          const ptrdiff_t origin = n * out->sample + (ptrdiff_t)panel * NB * out->block;
          s.in = strided ? scratch + ((n - first_sample) * in_blocks + first_in) * copy_block - first_pixel * 16
                         : in->data + n * in->sample + first_in * in->block;
          s.finish.out = out->data + origin;
          s.finish.bias = pass > 0 ? CK_NAME(zeros)
                                   : (e->bias ? e->bias + n * e->bias_sample : packed) + (ptrdiff_t)panel * NB * 16;
          s.finish.scale =
              e->scale ? e->scale + n * e->scale_sample + (ptrdiff_t)panel * NB * 16 : NULL;
          s.finish.add_block = pass == 0 ? e->residual.block : out->block;
          s.finish.add = pass > 0 ? s.finish.out
                         : residual
                             ? e->residual.data + n * e->residual.sample + panel * NB * e->residual.block
                             : NULL;
          if (linear)
            CK_NAME(sweep_line)(&s, first_pixel, last_pixel - first_pixel);
          else
            CK_NAME(sweep_run)(&s, first_pixel, last_pixel);
        }
      }
    }
  }
}
