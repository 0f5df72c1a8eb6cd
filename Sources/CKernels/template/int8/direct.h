// Direct convolution of bytes. A task copies the part of the input that it needs into a window: elements that the
// register tile multiplies as they are, with padding, and pixels of one row side by side.

// Bytes as window elements.
CK_INLINE qe CK_NAME(q_element)(uint8_t byte, const ck_q_options *o) {
#if QG == 2
  return (qe)((o->signed_input ? (int8_t)byte : byte) - o->input_zero);
#else
  return o->signed_input ? byte ^ 0x80 : byte;
#endif
}

CK_INLINE void CK_NAME(q_expand)(const uint8_t *from, qe *to, ptrdiff_t count, const ck_q_options *o) {
  ptrdiff_t i = 0;
#if QG == 2
  for (; i + 16 <= count; i += 16) {
    q16s elements;
    q_centre(&elements, from + i, o->signed_input, o->input_zero);
    *(q16s_memory *)(to + i) = elements;
  }
#else
  const uint8_t flip = o->signed_input ? 0x80 : 0;
  for (; i + 16 <= count; i += 16) *(q16u8_memory *)(to + i) = *(const q16u8_memory *)(from + i) ^ flip;
#endif
  for (; i < count; i++) to[i] = CK_NAME(q_element)(from[i], o);
}

// The element that stands for the padding: the zero point.
CK_INLINE qe CK_NAME(q_padding)(const ck_q_options *o) { return CK_NAME(q_element)((uint8_t)o->input_zero, o); }

CK_INLINE void CK_NAME(q_fill)(qe *to, ptrdiff_t count, qe element) {
  for (ptrdiff_t i = 0; i < count; i++) to[i] = element;
}

// `count` pixels from `from` on, every `step`th of a row, as neighbours. `from` is in the first block or plane, whose
// successor is `plane` pixels away.
CK_INLINE void CK_NAME(q_expand_pixels)(const ck_q_plan *p, const uint8_t *from, ptrdiff_t plane, int step, qe *to,
                                        int count) {
  const ck_q_options *o = &p->options;
  const int lanes = p->pixel_lanes;
  if (o->input == CK_Q_PLANES) {
    for (int c = 0; c < lanes; c++)
      for (ptrdiff_t i = 0; i < count; i++) to[i * lanes + c] = CK_NAME(q_element)(from[c * plane + i * step], o);
  } else if (step == 1) {
    CK_NAME(q_expand)(from, to, (ptrdiff_t)count * lanes, o);
  } else {
    for (ptrdiff_t i = 0; i < count; i++) CK_NAME(q_expand)(from + i * step * lanes, to + i * lanes, lanes, o);
  }
}

// The pixels [first, last) of a 1x1 kernel, block after block.
CK_FN void CK_NAME(q_window_line)(const ck_q_plan *p, const uint8_t *in, int first, int last, qe *to) {
  const ck_conv_shape *c = &p->shape;
  const bool planes = p->options.input == CK_Q_PLANES;
  const int lanes = planes ? 1 : p->pixel_lanes;  // bytes from a pixel to its neighbour
  const ptrdiff_t plane = (ptrdiff_t)c->in_height * c->in_width;
  const int blocks = p->options.input == CK_Q_BLOCKED ? ck_blocks(c->in_channels) : 1;
  const bool dense = c->stride_x == 1 && c->stride_y == 1 && c->in_width == c->out_width;
  for (int block = 0; block < blocks; block++, in += plane * lanes, to += p->window_block) {
    if (dense) {
      CK_NAME(q_expand_pixels)(p, in + (ptrdiff_t)first * lanes, plane, 1, to, last - first);
      continue;
    }
    int y = first / c->out_width, x = first % c->out_width;
    for (int pixel = first; pixel < last;) {
      const int count = ck_min(c->out_width - x, last - pixel);
      const ptrdiff_t source = (ptrdiff_t)y * c->stride_y * c->in_width + (ptrdiff_t)x * c->stride_x;
      CK_NAME(q_expand_pixels)(p, in + source * lanes, plane, c->stride_x, to + (ptrdiff_t)(pixel - first) * p->pixel_lanes, count);
      pixel += count;
      x = 0;
      y++;
    }
  }
}

// All pixels under the windows of the output rows from `row` on: `window_rows` by `window_columns`.
CK_FN void CK_NAME(q_window_rows)(const ck_q_plan *p, const uint8_t *in, int row, int blocks, qe *to) {
  const ck_conv_shape *c = &p->shape;
  const bool planes = p->options.input == CK_Q_PLANES;
  const int lanes = planes ? 1 : p->pixel_lanes;
  const ptrdiff_t plane = (ptrdiff_t)c->in_height * c->in_width;
  const qe padding = CK_NAME(q_padding)(&p->options);
  const int top = row * c->stride_y - c->pad_top;
  const int before = ck_min(c->pad_left, p->window_columns);
  const int inside = ck_max(ck_min(c->in_width, p->window_columns - before), 0);
  const int after = p->window_columns - before - inside;
  for (int block = 0; block < blocks; block++, in += plane * lanes)
    for (int wy = 0; wy < p->window_rows; wy++) {
      const int y = top + wy;
      if (y < 0 || y >= c->in_height) {
        CK_NAME(q_fill)(to, (ptrdiff_t)p->window_columns * p->pixel_lanes, padding);
        to += (ptrdiff_t)p->window_columns * p->pixel_lanes;
        continue;
      }
      CK_NAME(q_fill)(to, (ptrdiff_t)before * p->pixel_lanes, padding);
      to += (ptrdiff_t)before * p->pixel_lanes;
      CK_NAME(q_expand_pixels)(p, in + (ptrdiff_t)y * c->in_width * lanes, plane, 1, to, inside);
      to += (ptrdiff_t)inside * p->pixel_lanes;
      CK_NAME(q_fill)(to, (ptrdiff_t)after * p->pixel_lanes, padding);
      to += (ptrdiff_t)after * p->pixel_lanes;
    }
}

// The offsets of the runs of a window whose first block is the panel's first.
CK_FN void CK_NAME(q_run_offsets)(const ck_q_plan *p, int32_t *runs) {
  const int taps = p->shape.kernel_height * p->shape.kernel_width;
  for (int block = 0; block < p->reduce_blocks; block++)
    for (int tap = 0; tap < taps; tap += ck_q_run_taps(&p->shape)) *runs++ = ck_q_run_offset(p, block, tap);
}

CK_INLINE struct CK_NAME(q_finish) CK_NAME(q_finish_of)(const ck_q_epilogue *e) {
  return (struct CK_NAME(q_finish)){
      .result = e->result,
      .bounds = CK_NAME(q_bounds_of)(e->zero_point, e->low, e->high),
      .sum_bounds = CK_NAME(q_bounds_of)(e->sum_zero, e->sum_low, e->sum_high),
      .signed_added = e->signed_added,
      .added_zero = e->added_zero,
      .own = e->own,
      .other = e->other,
  };
}

// Points the operations after the sums at a panel's outputs.
CK_INLINE void CK_NAME(q_aim)(struct CK_NAME(q_finish) *f, const ck_q_plan *p, const ck_q_epilogue *e, void *out,
                              int sample, int panel) {
  const ck_conv_shape *c = &p->shape;
  const int first = panel * p->panel_blocks;
  f->block = e->row_major ? 16 : (ptrdiff_t)c->out_height * c->out_width * 16;
  const ptrdiff_t origin = sample * e->out_sample + first * f->block;
  f->out = (char *)out + origin * (e->result == CK_Q_BYTES ? 1 : 4);
  f->added = e->added ? (const char *)e->added + origin : NULL;
  f->multiplier = e->multiplier ? e->multiplier + first * 16 : NULL;
  for (int block = 0; block < p->panel_blocks; block++)
    f->lanes[block] = e->row_major ? ck_min(16, c->out_channels - (first + block) * 16) : 16;
}

// The output pixels [first, last) of a sample whose window starts with the first of them. Meanwhile the `next_bytes`
// bytes at `next` come to the second-level cache, a part with each tile.
CK_FN void CK_NAME(q_sweep_run)(struct CK_NAME(q_sweep) *s, const ck_q_plan *p, const qe *window, int first, int last,
                                ptrdiff_t out_pixel, const void *next, ptrdiff_t next_bytes) {
  const ck_conv_shape *c = &p->shape;
  const int count = last - first;
  const int tiles = (count + QMR - 1) / QMR, size = count / tiles, larger = count % tiles;
  int x = first % c->out_width, pixel = first;
  const qe *row = window;
  const ptrdiff_t step = (ptrdiff_t)(p->linear ? 1 : c->stride_x) * p->pixel_lanes;
  const ptrdiff_t down = (ptrdiff_t)c->stride_y * p->window_columns * p->pixel_lanes;
  // What a tile fetches if it fetches one line of 64 bytes with every sixteen channels.
  const ptrdiff_t share = (ptrdiff_t)s->run_count * (s->groups / (16 / QG)) * 64;
  const ptrdiff_t lines = share > 0 ? (next_bytes + share * tiles - 1) / (share * tiles) : 0;
  for (int tile = 0; tile < tiles; tile++) {
    const ptrdiff_t fetched = tile * lines * share;
    s->ahead = (const char *)next + fetched;
    s->ahead_lines = fetched < next_bytes ? (int)lines : 0;
    const qe *in[QMR];
    ptrdiff_t out[QMR];
    const int pixels = size + (tile < larger);
    for (int i = 0; i < pixels; i++, pixel++) {
      out[i] = pixel * out_pixel;
      if (p->linear) {
        in[i] = window + (pixel - first) * step;
      } else {
        in[i] = row + x * step;
        if (++x == c->out_width) x = 0, row += down;
      }
    }
    CK_NAME(q_tile_functions)[s->blocks - 1][pixels](s, in, out);
  }
}

CK_FN void CK_NAME(q_direct_run)(const ck_q_plan *p, const void *packed, const void *in, void *out,
                                 const ck_q_epilogue *e, void *scratch, int64_t begin, int64_t end) {
  const ck_conv_shape *c = &p->shape;
  const bool blocked = p->options.input == CK_Q_BLOCKED;
  const int in_blocks = blocked ? ck_blocks(c->in_channels) : 1, out_blocks = ck_blocks(c->out_channels);
  const ptrdiff_t in_sample = (ptrdiff_t)(blocked ? in_blocks * 16 : c->in_channels) * c->in_height * c->in_width;
  const int pixels = c->out_height * c->out_width;
  int32_t *const runs = scratch;
  qe *const window = (qe *)((char *)scratch + ((ptrdiff_t)p->runs * (ptrdiff_t)sizeof *runs + 63) / 64 * 64);
  CK_NAME(q_run_offsets)(p, runs);
  const int runs_of_block = p->runs / p->reduce_blocks;
  const ptrdiff_t panel_weights = (ptrdiff_t)p->runs * p->groups * QG * QNB * 16;
  const int32_t *const bias = packed;
  const qe *const weights = (const qe *)(const void *)(bias + (ptrdiff_t)p->panels * QNB * 16);
  struct CK_NAME(q_sweep) s = {.runs = runs, .groups = p->groups, .finish = CK_NAME(q_finish_of)(e)};
#if NARROW_SUMS
  const int32_t *const first_extra = (const int32_t *)(const void *)(weights + p->panels * panel_weights);
  s.extra_places = first_extra + (ptrdiff_t)p->panels * QNV + 1;
  s.extra_weights = (const qe *)(const void *)(s.extra_places + 2 * p->extra_groups);
#endif

  for (int64_t task = begin; task < end; task++) {
    const int panel_chunk = (int)(task % p->panel_chunks);
    const int pixel_chunk = (int)(task / p->panel_chunks % p->pixel_chunks);
    const int sample_chunk = (int)(task / p->panel_chunks / p->pixel_chunks);
    const int first = pixel_chunk * p->chunk_pixels, last = ck_min(first + p->chunk_pixels, pixels);
    const int first_sample = sample_chunk * p->chunk_samples;
    const int last_sample = ck_min(first_sample + p->chunk_samples, c->batch);
    const int first_panel = panel_chunk * p->chunk_panels;
    const int last_panel = ck_min(first_panel + p->chunk_panels, p->panels);

    for (int n = first_sample; n < last_sample && !p->in_place; n++) {
      qe *const to = window + (n - first_sample) * p->window_sample;
      const uint8_t *const from = (const uint8_t *)in + n * in_sample;
      if (p->linear)
        CK_NAME(q_window_line)(p, from, first, last, to);
      else
        CK_NAME(q_window_rows)(p, from, first / c->out_width, in_blocks, to);
    }
    for (int panel = first_panel; panel < last_panel; panel++) {
      const ck_block_range range =
          blocked ? ck_panel_inputs(c, panel, QNB) : (ck_block_range){.first = 0, .count = 1};
      s.run_count = range.count * runs_of_block;
      s.weights = weights + panel * panel_weights;
      s.bias = bias + (ptrdiff_t)panel * QNB * 16;
      s.blocks = ck_min(QNB, out_blocks - panel * QNB);
#if NARROW_SUMS
      s.first_extra = first_extra + (ptrdiff_t)panel * QNV;
#endif
      for (int n = first_sample; n < last_sample; n++) {
        CK_NAME(q_aim)(&s.finish, p, e, out, n, panel);
        const qe *const from = p->in_place ? (const qe *)in + n * in_sample + (ptrdiff_t)first * 16
                                           : window + (n - first_sample) * p->window_sample;
        const bool fetches_next = panel + 1 < last_panel && n + 1 == last_sample;
        CK_NAME(q_sweep_run)(&s, p, from + range.first * p->window_block, first, last,
                             e->row_major ? c->out_channels : 16, s.weights + panel_weights,
                             fetches_next ? panel_weights * (ptrdiff_t)sizeof(qe) : 0);
      }
    }
  }
}
