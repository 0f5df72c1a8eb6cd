// Winograd convolution F(m x m, 3 x 3), m = 2 or 4: Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016. With s = m + 2:
//
//   Y = A^T [ sum over channels of (G g G^T) * (B^T d B) ] A
//
// A task transforms a strip of tiles (V), multiplies it at each of the s * s points with the transformed
// weights (U, packed) into sums (M), and transforms the sums back:
//
//   V  [point][input block][tile][16]    a tile takes the place of a pixel, so that a point is a 1x1
//   M  [point][output block][tile][16]   convolution and runs through the register tiles of micro.h

// B^T d, for one column of `s` vectors.
CK_INLINE void CK_NAME(winograd_input)(const int m, vf *o, const vf *d) {
  if (m == 2) {
    o[0] = d[0] - d[2];
    o[1] = d[1] + d[2];
    o[2] = d[2] - d[1];
    o[3] = d[1] - d[3];
  } else {
    const vf four = v_set1(4), minus5 = v_set1(-5), minus4 = v_set1(-4), two = v_set1(2);
    const vf a = v_fma(minus4, d[2], d[4]), b = v_fma(minus4, d[1], d[3]);
    const vf c = d[4] - d[2], e = two * (d[3] - d[1]);
    o[0] = v_fma(four, d[0], v_fma(minus5, d[2], d[4]));
    o[1] = a + b;
    o[2] = a - b;
    o[3] = c + e;
    o[4] = c - e;
    o[5] = v_fma(four, d[1], v_fma(minus5, d[3], d[5]));
  }
}

// A^T x, from `s` vectors to `m`.
CK_INLINE void CK_NAME(winograd_output)(const int m, vf *o, const vf *x) {
  if (m == 2) {
    o[0] = x[0] + x[1] + x[2];
    o[1] = x[1] - x[2] - x[3];
  } else {
    const vf a = x[1] + x[2], b = x[1] - x[2], c = x[3] + x[4], d = x[3] - x[4];
    o[0] = x[0] + a + c;
    o[1] = v_fma(v_set1(2), d, b);
    o[2] = v_fma(v_set1(4), c, a);
    o[3] = v_fma(v_set1(8), d, b) + x[5];
  }
}

// G g, from 3 vectors to `s`.
CK_INLINE void CK_NAME(winograd_weight)(const int m, vf *o, const vf *g) {
  if (m == 2) {
    const vf half = v_set1(0.5f), a = half * (g[0] + g[2]), b = half * g[1];
    o[0] = g[0];
    o[1] = a + b;
    o[2] = a - b;
    o[3] = g[2];
  } else {
    const vf a = v_set1(-1.0f / 6) * (g[0] + g[2]), b = v_set1(-1.0f / 6) * g[1];
    const vf c = v_fma(v_set1(1.0f / 24), g[0], v_set1(1.0f / 6) * g[2]), d = v_set1(1.0f / 12) * g[1];
    o[0] = v_set1(0.25f) * g[0];
    o[1] = a + b;
    o[2] = a - b;
    o[3] = c + d;
    o[4] = c - d;
    o[5] = g[2];
  }
}

enum { CK_WINOGRAD_SIDE = 6 };

// One block of 16 channels of one tile: from pixels at `from` to points `point` floats apart.
CK_INLINE void CK_NAME(winograd_tile_in)(const int m, const float *from, ptrdiff_t row, float *to,
                                         ptrdiff_t point) {
  const int s = m + 2;
  vf half[CK_WINOGRAD_SIDE][CK_WINOGRAD_SIDE][CV];
  for (int x = 0; x < s; x++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
      vf d[CK_WINOGRAD_SIDE], o[CK_WINOGRAD_SIDE];
      _Pragma("GCC unroll 6") for (int y = 0; y < s; y++) d[y] = v_load(from + y * row + x * 16 + v * VL);
      CK_NAME(winograd_input)(m, o, d);
      _Pragma("GCC unroll 6") for (int y = 0; y < s; y++) half[y][x][v] = o[y];
    }
  for (int y = 0; y < s; y++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
      vf d[CK_WINOGRAD_SIDE], o[CK_WINOGRAD_SIDE];
      _Pragma("GCC unroll 6") for (int x = 0; x < s; x++) d[x] = half[y][x][v];
      CK_NAME(winograd_input)(m, o, d);
      _Pragma("GCC unroll 6") for (int x = 0; x < s; x++) v_store(to + (y * s + x) * point + v * VL, o[x]);
    }
}

// One block of 16 channels of one tile: from points to `rows` x `cols` pixels, with the epilogue.
CK_INLINE void CK_NAME(winograd_tile_out)(const int m, const float *from, ptrdiff_t point,
                                          const struct CK_NAME(finish) *f, ptrdiff_t at,
                                          ptrdiff_t out_row, int rows, int cols) {
  const int s = m + 2;
  vf half[4][CK_WINOGRAD_SIDE][CV];
  for (int x = 0; x < s; x++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
      vf d[CK_WINOGRAD_SIDE], o[4];
      _Pragma("GCC unroll 6") for (int y = 0; y < s; y++) d[y] = v_load(from + (y * s + x) * point + v * VL);
      CK_NAME(winograd_output)(m, o, d);
      _Pragma("GCC unroll 4") for (int y = 0; y < m; y++) half[y][x][v] = o[y];
    }
  for (int y = 0; y < rows; y++)
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
      vf d[CK_WINOGRAD_SIDE], o[4];
      _Pragma("GCC unroll 6") for (int x = 0; x < s; x++) d[x] = half[y][x][v];
      CK_NAME(winograd_output)(m, o, d);
      const vf bias = v_load(f->bias + v * VL);
      const ptrdiff_t line = at + y * out_row + v * VL;
      _Pragma("GCC unroll 4") for (int x = 0; x < m; x++) {
        if (x >= cols) break;
        vf value = o[x] + bias;
        if (f->scale) value *= v_load(f->scale + v * VL);
        if (f->add) value += v_load(f->add + line + x * 16);
        value = v_min(v_set1(f->high), v_max(v_set1(f->low), value));
        v_store(f->out + line + x * 16, value);
      }
    }
}

CK_INLINE void CK_NAME(winograd_run)(const int m, const ck_conv_plan *plan, const float *packed,
                                     const ck_view *in, const ck_view *out, const ck_epilogue *e,
                                     float *scratch, int64_t begin, int64_t end) {
  const ck_conv_shape *c = &plan->shape;
  const int s = m + 2, points = s * s;
  const int in_blocks = plan->reduce_blocks, out_blocks = ck_blocks(c->out_channels);
  const int tiles_x = (c->out_width + m - 1) / m, tiles_y = (c->out_height + m - 1) / m;
  const int tiles = tiles_x * tiles_y * c->batch;
  const ptrdiff_t block_weights = 16 * 16 * NB;
  const float *weights = packed + (ptrdiff_t)plan->panels * NB * 16;
  const ptrdiff_t line = (ptrdiff_t)plan->chunk_pixels * 16;  // floats of a block of V or M
  const ptrdiff_t in_point = in_blocks * line + 16, out_point = plan->sweep_panels * NB * line + 16;
  float *const transformed = scratch, *const sums = scratch + points * in_point;

  for (int64_t task = begin; task < end; task++) {
    const int first_tile = (int)(task / plan->panel_chunks) * plan->chunk_pixels;
    const int count = ck_min(plan->chunk_pixels, tiles - first_tile);
    const int first_panel = (int)(task % plan->panel_chunks) * plan->chunk_panels;
    const int last_panel = ck_min(first_panel + plan->chunk_panels, plan->panels);

    for (int i = 0; i < count; i++) {
      const int tile = first_tile + i, n = tile / (tiles_x * tiles_y);
      const int y = tile / tiles_x % tiles_y * m - c->pad_top, x = tile % tiles_x * m - c->pad_left;
      const bool inside = y >= -in->halo && x >= -in->halo && y + s <= c->in_height + in->halo &&
                          x + s <= c->in_width + in->halo;
      const float *from = in->data + n * in->sample + y * in->row + (ptrdiff_t)x * 16;
      for (int block = 0; block < in_blocks; block++, from += in->block) {
        float *to = transformed + block * line + i * 16;
        if (inside) {
          CK_NAME(winograd_tile_in)(m, from, in->row, to, in_point);
        } else {
          float pixels[CK_WINOGRAD_SIDE * CK_WINOGRAD_SIDE * 16];
          for (int p = 0; p < points; p++) {
            const int py = y + p / s, px = x + p % s;
            const bool exists = py >= 0 && py < c->in_height && px >= 0 && px < c->in_width;
            const float *pixel = exists ? from + p / s * in->row + p % s * 16 : CK_NAME(zeros);
            _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++)
              v_store(pixels + p * 16 + v * VL, v_load(pixel + v * VL));
          }
          CK_NAME(winograd_tile_in)(m, pixels, s * 16, to, in_point);
        }
      }
    }

    for (int sweep = first_panel; sweep < last_panel; sweep += plan->sweep_panels) {
      const int sweep_end = ck_min(sweep + plan->sweep_panels, last_panel);
      for (int p = 0; p < points; p++)
        for (int start = 0; start < in_blocks; start += plan->pass_blocks)
          for (int panel = sweep; panel < sweep_end; panel++) {
            const int blocks = ck_min(NB, out_blocks - panel * NB);
            const int used = ck_min(plan->pass_blocks, in_blocks - start);
            const float *w = weights + ((ptrdiff_t)panel * points + p) * in_blocks * block_weights +
                             start * (block_weights / NB * blocks);
            float *const to = sums + p * out_point + (panel - sweep) * NB * line;
            const struct CK_NAME(sweep) line_sweep = {
                .in = transformed + p * in_point + start * line,
                .blocks = blocks,
                .w = w,
                .prefetch = (const char *)(panel + 1 < sweep_end ? w + points * in_blocks * block_weights
                                                                 : w + in_blocks * block_weights -
                                                                       (sweep_end - 1 - sweep) * points * in_blocks * block_weights),
                .prefetch_bytes = used * block_weights * (ptrdiff_t)sizeof(float),
                .reduction = {.in_block = line, .blocks = used, .last_lanes = 16},
                .finish = {.out = to,
                           .add = start > 0 ? to : NULL,
                           .bias = CK_NAME(zeros),
                           .out_block = line,
                           .add_block = line,
                           .low = -INFINITY,
                           .high = INFINITY},
            };
            CK_NAME(sweep_line)(&line_sweep, 0, count);
          }

      const int last_block = ck_min(sweep_end * NB, out_blocks);
      for (int block = sweep * NB; block < last_block; block++)
        for (int i = 0; i < count; i++) {
          const int tile = first_tile + i, n = tile / (tiles_x * tiles_y);
          const int y = tile / tiles_x % tiles_y * m, x = tile % tiles_x * m;
          const struct CK_NAME(finish) f = {
              .out = out->data + n * out->sample + block * out->block,
              .add = e->residual.data ? e->residual.data + n * e->residual.sample + block * e->residual.block : NULL,
              .bias = (e->bias ? e->bias + n * e->bias_sample : packed) + block * 16,
              .scale = e->scale ? e->scale + n * e->scale_sample + block * 16 : NULL,
              .low = e->clamp ? e->low : -INFINITY,
              .high = e->clamp ? e->high : INFINITY,
          };
          CK_NAME(winograd_tile_out)(m, sums + (block - sweep * NB) * line + i * 16, out_point, &f,
                                     y * out->row + (ptrdiff_t)x * 16, out->row,
                                     ck_min(m, c->out_height - y), ck_min(m, c->out_width - x));
        }
    }
  }
}

CK_FN void CK_NAME(winograd2_run)(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                                  const ck_view *out, const ck_epilogue *e, float *scratch,
                                  int64_t begin, int64_t end) {
  CK_NAME(winograd_run)(2, plan, packed, in, out, e, scratch, begin, end);
}

CK_FN void CK_NAME(winograd4_run)(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                                  const ck_view *out, const ck_epilogue *e, float *scratch,
                                  int64_t begin, int64_t end) {
  CK_NAME(winograd_run)(4, plan, packed, in, out, e, scratch, begin, end);
}

// U, a panel: [point][input block][16 input channels][16 * blocks output channels].
CK_INLINE void CK_NAME(winograd_pack_panel)(const int m, const ck_conv_plan *plan, const char *weights,
                                            const float *scale, float *packed, int panel) {
  const ck_conv_shape *c = &plan->shape;
  const int s = m + 2, in_blocks = plan->reduce_blocks;
  const int blocks = ck_min(NB, ck_blocks(c->out_channels) - panel * NB);
  const ptrdiff_t point = (ptrdiff_t)in_blocks * 16 * 16 * NB;
  float *const to = packed + (ptrdiff_t)plan->panels * NB * 16 + panel * s * s * point;
  for (int i = 0; i < in_blocks * 16; i++)
    for (int block = 0; block < blocks; block++) {
      float taps[9][16] = {{0}};
      for (int lane = 0; lane < 16; lane++) {
        const int o = (panel * NB + block) * 16 + lane;
        if (o >= c->out_channels || i >= c->in_channels) continue;
        float filter[9];
        memcpy(filter, weights + ((int64_t)o * c->in_channels + i) * 9 * 4, sizeof filter);
        for (int t = 0; t < 9; t++) taps[t][lane] = scale ? scale[o] * filter[t] : filter[t];
      }
      for (int v = 0; v < CV; v++) {
        vf half[CK_WINOGRAD_SIDE][3];
        for (int x = 0; x < 3; x++) {
          vf g[3], o[CK_WINOGRAD_SIDE];
          for (int y = 0; y < 3; y++) g[y] = v_load(taps[y * 3 + x] + v * VL);
          CK_NAME(winograd_weight)(m, o, g);
          for (int y = 0; y < s; y++) half[y][x] = o[y];
        }
        for (int y = 0; y < s; y++) {
          vf o[CK_WINOGRAD_SIDE];
          CK_NAME(winograd_weight)(m, o, half[y]);
          for (int x = 0; x < s; x++)
            v_store(to + (y * s + x) * point + ((ptrdiff_t)i * blocks + block) * 16 + v * VL, o[x]);
        }
      }
    }
}

CK_FN void CK_NAME(winograd_pack)(const ck_conv_plan *plan, const char *weights, const float *scale, float *packed,
                                  int panel) {
  if (plan->method == CK_CONV_WINOGRAD2)
    CK_NAME(winograd_pack_panel)(2, plan, weights, scale, packed, panel);
  else
    CK_NAME(winograd_pack_panel)(4, plan, weights, scale, packed, panel);
}
