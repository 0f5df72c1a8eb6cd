// Pooling: a vector of channels is a vector of results.

CK_FN void CK_NAME(pool_run)(const ck_pool_shape *c, const ck_view *in, const ck_view *out,
                             int64_t begin, int64_t end) {
  const int blocks = ck_blocks(c->channels);
  const bool max = c->kind == CK_POOL_MAX;
  for (int64_t task = begin; task < end; task++) {
    const int y = (int)(task % c->out_height), block = (int)(task / c->out_height % blocks);
    const int n = (int)(task / c->out_height / blocks);
    const float *plane = in->data + n * in->sample + block * in->block;
    float *line = out->data + n * out->sample + block * out->block + y * out->row;
    const int iy = y * c->stride_y - c->pad_top;
    int y0, y1, py0, py1;
    CK_NAME(tap_range)(iy, c->dilation_y, c->kernel_height, c->in_height, &y0, &y1);
    CK_NAME(tap_range)(iy + c->pad_top, c->dilation_y, c->kernel_height,
                       c->in_height + c->pad_top + c->pad_bottom, &py0, &py1);
    for (int x = 0; x < c->out_width; x++) {
      const int ix = x * c->stride_x - c->pad_left;
      int x0, x1, px0, px1;
      CK_NAME(tap_range)(ix, c->dilation_x, c->kernel_width, c->in_width, &x0, &x1);
      vf value[CV];
      _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) value[v] = v_set1(max ? -INFINITY : 0);
      for (int ky = y0; ky < y1; ky++)
        for (int kx = x0; kx < x1; kx++) {
          const float *from = plane + (iy + ky * c->dilation_y) * in->row + (ptrdiff_t)(ix + kx * c->dilation_x) * 16;
          _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
            const vf element = v_load(from + v * VL);
            value[v] = max ? v_max(value[v], element) : value[v] + element;
          }
        }
      float factor = 1;
      if (!max) {
        CK_NAME(tap_range)(ix + c->pad_left, c->dilation_x, c->kernel_width,
                           c->in_width + c->pad_left + c->pad_right, &px0, &px1);
        const int count = c->kind == CK_POOL_AVERAGE ? (y1 - y0) * (x1 - x0) : (py1 - py0) * (px1 - px0);
        factor = 1.0f / (float)ck_max(count, 1);
      }
      _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) v_store(line + x * 16 + v * VL, value[v] * v_set1(factor));
    }
  }
}

CK_FN void CK_NAME(global_average_pool)(int channels, int height, int width, const ck_view *in,
                                        const ck_view *out, int64_t begin, int64_t end) {
  const int blocks = ck_blocks(channels);
  for (int64_t task = begin; task < end; task++) {
    const float *plane = in->data + task / blocks * in->sample + task % blocks * in->block;
    float *to = out->data + task / blocks * out->sample + task % blocks * out->block;
    vf total[CV];
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) total[v] = v_set1(0);
    for (int y = 0; y < height; y++) {
      vf even[CV], odd[CV];  // a sum a row: fewer roundings, and two chains of additions
      _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) even[v] = odd[v] = v_set1(0);
      const float *row = plane + y * in->row;
      for (int x = 0; x < width; x++)
        _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) {
          const vf element = v_load(row + x * 16 + v * VL);
          if (x % 2 == 0)
            even[v] += element;
          else
            odd[v] += element;
        }
      _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) total[v] += even[v] + odd[v];
    }
    const vf factor = v_set1(1.0f / ((float)height * (float)width));
    _Pragma("GCC unroll 4") for (int v = 0; v < CV; v++) v_store(to + v * VL, total[v] * factor);
  }
}
