// Winograd's F(2x2, 3x3) in integers: with the filters' transform taken twice in both directions,
//
//     4 Y = A^T [ (2G g (2G)^T) * (B^T d B) ] A
//
// has integer entries everywhere. Those of B^T d B, at most 4 * 255, and of the filters, at most 9 * 255, fit 16
// bits. Products and sums wrap modulo 2^32; 4 Y fits (the plan checks it), so the result is the exact sum.
#if QG == 2

#define CK_Q_POINTS 16

CK_INLINE void CK_NAME(q_winograd_input)(q16s d[4]) {
  const q16s a = d[0] - d[2], b = d[1] + d[2], c = d[2] - d[1], e = d[1] - d[3];
  d[0] = a;
  d[1] = b;
  d[2] = c;
  d[3] = e;
}

// One block of 16 channels of one tile.
CK_INLINE void CK_NAME(q_winograd_tile_in)(q16s d[4][4], int16_t *to, ptrdiff_t point) {
  _Pragma("GCC unroll 4") for (int x = 0; x < 4; x++) {
    q16s column[4] = {d[0][x], d[1][x], d[2][x], d[3][x]};
    CK_NAME(q_winograd_input)(column);
    _Pragma("GCC unroll 4") for (int y = 0; y < 4; y++) d[y][x] = column[y];
  }
  _Pragma("GCC unroll 4") for (int y = 0; y < 4; y++) {
    CK_NAME(q_winograd_input)(d[y]);
    _Pragma("GCC unroll 4") for (int x = 0; x < 4; x++) *(q16s_memory *)(to + (y * 4 + x) * point) = d[y][x];
  }
}

CK_INLINE void CK_NAME(q_winograd_transform)(const ck_q_plan *p, const uint8_t *in, const bool is_signed, int first,
                                             int count, int16_t *to, ptrdiff_t point) {
  const ck_conv_shape *c = &p->shape;
  const int tiles_x = (c->out_width + 1) / 2, tiles_y = (c->out_height + 1) / 2;
  const int blocks = p->reduce_blocks, zero = p->options.input_zero;
  const ptrdiff_t row = (ptrdiff_t)c->in_width * 16, plane = row * c->in_height;
  for (int i = 0; i < count; i++) {
    const int tile = first + i, n = tile / (tiles_x * tiles_y);
    const int y0 = tile / tiles_x % tiles_y * 2 - c->pad_top, x0 = tile % tiles_x * 2 - c->pad_left;
    const bool inside = y0 >= 0 && x0 >= 0 && y0 + 4 <= c->in_height && x0 + 4 <= c->in_width;
    const uint8_t *from = in + n * blocks * plane + y0 * row + (ptrdiff_t)x0 * 16;
    for (int block = 0; block < blocks; block++, from += plane) {
      q16s d[4][4];
      _Pragma("GCC unroll 4") for (int y = 0; y < 4; y++)
        _Pragma("GCC unroll 4") for (int x = 0; x < 4; x++) {
          const bool exists = inside || (y0 + y >= 0 && y0 + y < c->in_height && x0 + x >= 0 && x0 + x < c->in_width);
          if (exists)
            q_centre(&d[y][x], from + y * row + x * 16, is_signed, zero);
          else
            d[y][x] = (q16s){0};
        }
      CK_NAME(q_winograd_tile_in)(d, to + block * p->window_block + i * 16, point);
    }
  }
}

// One block of 16 output channels of one tile: the inverse transform, then the operations after the sums.
CK_INLINE void CK_NAME(q_winograd_tile_out)(const int32_t *from, ptrdiff_t point, const int32_t *bias,
                                            const struct CK_NAME(q_finish) *f, int block, ptrdiff_t at,
                                            ptrdiff_t out_row, int rows, int columns) {
  int32_t sums[4][QNB * 16] __attribute__((aligned(64)));
  _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) {
    qv half[2][4];
    _Pragma("GCC unroll 4") for (int x = 0; x < 4; x++) {
      const qv a = q_load(from + x * point + v * QL), b = q_load(from + (4 + x) * point + v * QL);
      const qv c = q_load(from + (8 + x) * point + v * QL), d = q_load(from + (12 + x) * point + v * QL);
      half[0][x] = a + b + c;
      half[1][x] = b - c - d;
    }
    const qv start = q_load(bias + v * QL);
    _Pragma("GCC unroll 2") for (int y = 0; y < 2; y++) {
      q_store(sums[y * 2] + v * QL, ((half[y][0] + half[y][1] + half[y][2]) >> 2) + start);
      q_store(sums[y * 2 + 1] + v * QL, ((half[y][1] - half[y][2] - half[y][3]) >> 2) + start);
    }
  }
  for (int y = 0; y < rows; y++) {
    const ptrdiff_t pixels[2] = {at + y * out_row, at + y * out_row + 16};
    CK_NAME(q_finish_block)(f, sums[y * 2], block, columns, pixels);
  }
}

CK_FN void CK_NAME(q_winograd_run)(const ck_q_plan *p, const void *packed, const void *in, void *out,
                                   const ck_q_epilogue *e, void *scratch, int64_t begin, int64_t end) {
  const ck_conv_shape *c = &p->shape;
  const int tiles_x = (c->out_width + 1) / 2, tiles_y = (c->out_height + 1) / 2;
  const int tiles = tiles_x * tiles_y * c->batch, out_blocks = ck_blocks(c->out_channels);
  const ptrdiff_t line = p->window_block;  // elements of a block of all tiles of a task
  const ptrdiff_t in_point = p->reduce_blocks * line + 32, out_point = CK_Q_SWEEP * QNB * line + 16;
  const ptrdiff_t point_weights = (ptrdiff_t)p->reduce_blocks * 16 * QNB * 16;
  static const int32_t zeros[QNB * 16] = {0};
  int32_t *const runs = scratch;
  int16_t *const transformed = (int16_t *)((char *)scratch + ((ptrdiff_t)p->runs * (ptrdiff_t)sizeof *runs + 63) / 64 * 64);
  int32_t *const sums = (int32_t *)(void *)(transformed + CK_Q_POINTS * in_point);
  for (int block = 0; block < p->runs; block++) runs[block] = (int32_t)(block * line);
  const int32_t *const bias = packed;
  const int16_t *const weights = (const int16_t *)(const void *)(bias + (ptrdiff_t)p->panels * QNB * 16);
  struct CK_NAME(q_finish) finish = CK_NAME(q_finish_of)(e);
  struct CK_NAME(q_sweep) s = {.bias = zeros, .runs = runs, .run_count = p->runs, .groups = p->groups};
  s.finish.result = CK_Q_SUMS;
  s.finish.block = line;
  for (int block = 0; block < QNB; block++) s.finish.lanes[block] = 16;

  for (int64_t task = begin; task < end; task++) {
    const int first_tile = (int)(task / p->panel_chunks) * p->chunk_pixels;
    const int count = ck_min(p->chunk_pixels, tiles - first_tile);
    const int first_panel = (int)(task % p->panel_chunks) * p->chunk_panels;
    const int last_panel = ck_min(first_panel + p->chunk_panels, p->panels);
    if (p->options.signed_input)
      CK_NAME(q_winograd_transform)(p, in, true, first_tile, count, transformed, in_point);
    else
      CK_NAME(q_winograd_transform)(p, in, false, first_tile, count, transformed, in_point);

    for (int sweep = first_panel; sweep < last_panel; sweep += CK_Q_SWEEP) {
      const int sweep_end = ck_min(sweep + CK_Q_SWEEP, last_panel);
      for (int point = 0; point < CK_Q_POINTS; point++)
        for (int panel = sweep; panel < sweep_end; panel++) {
          s.weights = weights + ((ptrdiff_t)panel * CK_Q_POINTS + point) * point_weights;
          s.blocks = ck_min(QNB, out_blocks - panel * QNB);
          s.finish.out = (char *)(sums + point * out_point + (panel - sweep) * QNB * line);
          const int16_t *const from = transformed + point * in_point;
          const int groups = (count + QMR - 1) / QMR, size = count / groups, larger = count % groups;
          for (int group = 0, i = 0; group < groups; group++) {
            const qe *tile[QMR];
            ptrdiff_t to[QMR];
            const int members = size + (group < larger);
            for (int member = 0; member < members; member++, i++) {
              tile[member] = from + (ptrdiff_t)i * 16;
              to[member] = (ptrdiff_t)i * 16;
            }
            CK_NAME(q_tile_functions)[s.blocks - 1][members](&s, tile, to);
          }
        }
      for (int panel = sweep; panel < sweep_end; panel++)
        for (int block = 0; block < ck_min(QNB, out_blocks - panel * QNB); block++)
          for (int i = 0; i < count; i++) {
            const int tile = first_tile + i, n = tile / (tiles_x * tiles_y);
            const int y = tile / tiles_x % tiles_y * 2, x = tile % tiles_x * 2;
            CK_NAME(q_aim)(&finish, p, e, out, n, panel);
            CK_NAME(q_winograd_tile_out)(
                sums + ((panel - sweep) * QNB + block) * line + (ptrdiff_t)i * 16, out_point,
                bias + ((ptrdiff_t)panel * QNB + block) * 16, &finish, block,
                ((ptrdiff_t)y * c->out_width + x) * 16, (ptrdiff_t)c->out_width * 16,
                ck_min(2, c->out_height - y), ck_min(2, c->out_width - x));
          }
    }
  }
}
#endif
