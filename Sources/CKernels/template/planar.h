// The first layer: few channels in plain NCHW in, NCHW16c out. A task copies the input rows that it needs
// into a strip with its padding, so that every tap of every pixel is one offset from the pixel's first.

CK_INLINE void CK_NAME(planar_tile)(const int mr, const int nv, const float *w,
                                    const int32_t *offsets, int taps,
                                    const struct CK_NAME(tile) *t,
                                    const struct CK_NAME(finish) *f) {
  const int mode = CK_POINTERS;
  const ptrdiff_t done = 0;
  vf acc[MR][NV];
  const float *in[MR];
  (void)done;
  _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) in[i] = t->in[i];
  CK_EACH_SUM acc[i][v] = v_load(f->bias + v * VL);
  for (int k = 0; k < taps; k++, w += nv * VL) {
    const ptrdiff_t offset = offsets[k];
    CK_STEP(0);
  }
  CK_FINISH;
}

#define CK_DEFINE_PLANAR(mr)                                                                   \
  CK_FN void CK_NAME(planar_##mr)(int blocks, const float *w, const int32_t *offsets, int taps, \
                                  const struct CK_NAME(tile) *t, const struct CK_NAME(finish) *f) { \
    if (blocks == NB)                                                                          \
      CK_NAME(planar_tile)(mr, NV, w, offsets, taps, t, f);                                    \
    else                                                                                       \
      CK_NAME(planar_tile)(mr, CV, w, offsets, taps, t, f);                                    \
  }
CK_POINTER_TILES(CK_DEFINE_PLANAR)

typedef void CK_NAME(planar_function)(int, const float *, const int32_t *, int,
                                      const struct CK_NAME(tile) *, const struct CK_NAME(finish) *);
#define CK_PLANAR(mr) CK_NAME(planar_##mr),
static CK_NAME(planar_function) *const CK_NAME(planar_functions)[PMR + 1] = {NULL, CK_POINTER_TILES(CK_PLANAR)};

// Copies rows [top, top + rows) and columns [-pad_left, columns - pad_left) of every channel.
CK_FN void CK_NAME(planar_strip)(const ck_conv_shape *c, const ck_view *in, const float *from, int top,
                                 int rows, int columns, float *strip) {
  const int left = ck_min(c->pad_left, columns);
  const int used = ck_max(0, ck_min(c->in_width, columns - left));
  for (int channel = 0; channel < c->in_channels; channel++)
    for (int y = top; y < top + rows; y++, strip += columns) {
      const bool inside = y >= 0 && y < c->in_height;
      const float *line = from + channel * in->block + (inside ? y * in->row : 0);
      for (int x = 0; x < left; x++) strip[x] = 0;
      for (int x = 0; x < used; x++) strip[left + x] = inside ? line[x] : 0;
      for (int x = left + used; x < columns; x++) strip[x] = 0;
    }
}

CK_FN void CK_NAME(planar_run)(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                               const ck_view *out, const ck_epilogue *e, float *scratch,
                               int64_t begin, int64_t end) {
  const ck_conv_shape *c = &plan->shape;
  const int kernel = c->kernel_height * c->kernel_width, taps = c->in_channels * kernel;
  const int out_blocks = ck_blocks(c->out_channels);
  const int columns = (c->out_width - 1) * c->stride_x + (c->kernel_width - 1) * c->dilation_x + 1;
  const int chunk_rows = plan->chunk_pixels / c->out_width;
  const float *weights = packed + (ptrdiff_t)plan->panels * NB * 16;
  int32_t *offsets = (int32_t *)scratch;
  float *strip = scratch + (taps + 15) / 16 * 16;

  for (int64_t task = begin; task < end; task++) {
    const int n = (int)(task / plan->pixel_chunks);
    const int first_row = (int)(task % plan->pixel_chunks) * chunk_rows;
    const int rows = ck_min(chunk_rows, c->out_height - first_row);
    const int strip_rows = (rows - 1) * c->stride_y + (c->kernel_height - 1) * c->dilation_y + 1;
    for (int k = 0; k < taps; k++)
      offsets[k] = ((k / kernel * strip_rows) + k % kernel / c->kernel_width * c->dilation_y) * columns +
                   k % c->kernel_width * c->dilation_x;
    CK_NAME(planar_strip)(c, in, in->data + n * in->sample, first_row * c->stride_y - c->pad_top,
                          strip_rows, columns, strip);
    for (int panel = 0; panel < plan->panels; panel++) {
      const int blocks = ck_min(NB, out_blocks - panel * NB);
      const float *w = weights + (ptrdiff_t)panel * taps * 16 * NB;
      const struct CK_NAME(finish) f = {
          .out = out->data + n * out->sample + (ptrdiff_t)panel * NB * out->block + first_row * out->row,
          .add = e->residual.data ? e->residual.data + n * e->residual.sample +
                                        panel * NB * e->residual.block + first_row * out->row
                                  : NULL,
          .bias = (e->bias ? e->bias + n * e->bias_sample : packed) + (ptrdiff_t)panel * NB * 16,
          .scale = e->scale ? e->scale + n * e->scale_sample + (ptrdiff_t)panel * NB * 16 : NULL,
          .out_block = out->block,
          .add_block = e->residual.block,
          .low = e->clamp ? e->low : -INFINITY,
          .high = e->clamp ? e->high : INFINITY,
      };
      const int pixels = rows * c->out_width, tiles = (pixels + PMR - 1) / PMR;
      int y = 0, x = 0;
      for (int i = 0; i < tiles; i++) {
        const int size = pixels / tiles + (i < pixels % tiles);
        struct CK_NAME(tile) t;
        for (int k = 0; k < size; k++) {
          t.in[k] = strip + (ptrdiff_t)y * c->stride_y * columns + x * c->stride_x;
          t.out[k] = y * out->row + (ptrdiff_t)x * 16;
          if (++x == c->out_width) x = 0, y++;
        }
        CK_NAME(planar_functions)[size](blocks, w, offsets, taps, &t, &f);
      }
    }
  }
}
