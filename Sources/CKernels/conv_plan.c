// The choice of a convolution's method and blocking: a function of shape and options alone.

#include "internal.h"

// Target sizes of the blocking, in bytes. They are fixed, so that a plan does not depend on the machine: a
// pass of a weight panel stays in a first-level cache of 32 KiB, a task's input in half of a second-level
// cache of 512 KiB.
enum { kPanelBytes = 18 << 10, kInputBytes = 208 << 10, kSumBytes = 256 << 10 };

// Winograd: a task has few enough tiles for their transform to stay in cache, and enough to be worth reading
// the weights for. A sweep over the points takes as many panels as keep the sums in cache, so that the
// transformed input is read rarely.
enum { kTransformedBytes = 2 << 20, kLeastTiles = 24, kMostTiles = 56, kSweepPanels = 2 };

static int divide_up(int64_t a, int64_t b) { return (int)((a + b - 1) / b); }

// Whether no position that a window touches is near overflow. A window may lie in the padding.
static bool fits(int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
  const int64_t limit = INT32_MAX / 2;
  return pad >= 0 && pad < limit && in + (out - 1) * stride + (kernel - 1) * dilation < limit;
}

bool ck_is_valid_shape(const ck_conv_shape *c) {
  const int positive[] = {c->batch,         c->groups,       c->in_channels,  c->in_height,
                          c->in_width,      c->out_channels, c->out_height,   c->out_width,
                          c->kernel_height, c->kernel_width, c->stride_y,     c->stride_x,
                          c->dilation_y,    c->dilation_x};
  for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
    if (positive[i] <= 0 || positive[i] >= 1 << 24) return false;
  if (c->in_channels % c->groups || c->out_channels % c->groups) return false;
  const int64_t limit = INT64_C(1) << 30;
  if ((int64_t)c->in_height * c->in_width >= limit || (int64_t)c->out_height * c->out_width >= limit)
    return false;
  return fits(c->out_height, c->in_height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top) &&
         fits(c->out_width, c->in_width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left);
}

static bool can_depthwise(const ck_conv_shape *c) {
  return c->groups == c->in_channels && c->groups == c->out_channels;
}

// The time of a 3x3 convolution by tiles of side `m` over `side * side` points, in multiply-adds at full
// speed: the products, `transform` for each point of each channel of each tile, and 12 for each packed
// weight, which is read from memory once per run.
static double winograd_cost(const ck_conv_shape *c, int m, int side, double transform) {
  const double in = 16.0 * ck_blocks(c->in_channels), out = 16.0 * ck_blocks(c->out_channels);
  const double points = (double)side * side, memory = 12;
  const double tiles = (double)c->batch * divide_up(c->out_height, m) * divide_up(c->out_width, m);
  return points * (tiles * (in * out + transform * (in + out)) + memory * in * out);
}

static ck_conv_method choose(const ck_conv_shape *c, const ck_conv_options *o) {
  if (o->method != CK_CONV_AUTO) return o->method;
  if (can_depthwise(c)) return CK_CONV_DEPTHWISE;
  if (o->exact || o->weights != CK_WEIGHTS_EVEN || !ck_can_winograd(c)) return CK_CONV_DIRECT;
  const double direct = winograd_cost(c, 1, 3, 0);
  const double two = winograd_cost(c, 2, 4, 6), four = winograd_cost(c, 4, 6, 6);
  if (direct <= two && direct <= four) return CK_CONV_DIRECT;
  return two <= four ? CK_CONV_WINOGRAD2 : CK_CONV_WINOGRAD4;
}

static void plan_direct(ck_conv_plan *p, int threads) {
  const ck_conv_shape *c = &p->shape;
  const int taps = c->kernel_height * c->kernel_width;
  const int pixels = c->out_height * c->out_width;
  p->panels = divide_up(ck_blocks(c->out_channels), p->panel_blocks);
  for (int i = 0; i < p->panels; i++)
    p->reduce_blocks = ck_max(p->reduce_blocks, ck_panel_inputs(c, i, p->panel_blocks).count);

  const int64_t block_bytes = (int64_t)taps * 16 * 16 * p->panel_blocks * (int64_t)sizeof(float);
  const int most = (int)(kPanelBytes / block_bytes);
  const int passes = divide_up(p->reduce_blocks, ck_max(most, 1));
  p->pass_blocks = divide_up(p->reduce_blocks, passes);

  const int64_t pixel_bytes =
      (int64_t)p->pass_blocks * 64 * (taps > 1 ? c->stride_y * c->stride_x : 1);
  const int fit = (int)ck_max((int)(kInputBytes / pixel_bytes), 24);
  p->chunk_samples = ck_max(1, ck_min(c->batch, fit / pixels));
  const int sample_chunks = divide_up(c->batch, p->chunk_samples);
  p->pixel_chunks = divide_up(pixels, fit);
  p->panel_chunks = 1;
  if (passes > 1) {
    const int64_t panel_sum = (int64_t)ck_min(fit, pixels * p->chunk_samples) * 64 * p->panel_blocks;
    p->panel_chunks = divide_up(p->panels * panel_sum, kSumBytes);
  }
  const int wanted = threads > 1 ? 4 * threads : 1;
  while (sample_chunks * p->pixel_chunks * p->panel_chunks < wanted &&
         divide_up(pixels, p->pixel_chunks * 2) >= 96)
    p->pixel_chunks *= 2;
  while (sample_chunks * p->pixel_chunks * p->panel_chunks < wanted && p->panel_chunks < p->panels)
    p->panel_chunks = ck_min(p->panel_chunks * 2, p->panels);
  p->chunk_pixels = divide_up(pixels, p->pixel_chunks);
  p->pixel_chunks = divide_up(pixels, p->chunk_pixels);
  p->chunk_panels = divide_up(p->panels, p->panel_chunks);
  p->panel_chunks = divide_up(p->panels, p->chunk_panels);
  p->tasks = (int64_t)sample_chunks * p->pixel_chunks * p->panel_chunks;
  p->pack_tasks = p->panels;
  if (ck_is_pointwise(c) && (c->stride_y > 1 || c->stride_x > 1))
    p->scratch_floats = (int64_t)p->chunk_samples * ck_blocks(c->in_channels) * p->chunk_pixels * 16;
  p->packed_floats = (int64_t)p->panels * p->panel_blocks * 16 *
                     (1 + (int64_t)p->reduce_blocks * 16 * taps);
}

static ck_status plan_planar(ck_conv_plan *p, int threads) {
  const ck_conv_shape *c = &p->shape;
  const int64_t taps = (int64_t)c->in_channels * c->kernel_height * c->kernel_width;
  const int64_t columns = (int64_t)(c->out_width - 1) * c->stride_x + (int64_t)(c->kernel_width - 1) * c->dilation_x + 1;
  const int64_t row_bytes = (int64_t)c->in_channels * columns * c->stride_y * (int64_t)sizeof(float);
  int rows = ck_max(1, (int)(kInputBytes / row_bytes));
  if (threads > 1) rows = ck_min(rows, divide_up((int64_t)c->out_height * c->batch, 4 * threads));
  rows = ck_min(rows, c->out_height);
  p->panels = divide_up(ck_blocks(c->out_channels), p->panel_blocks);
  p->chunk_pixels = rows * c->out_width;
  p->pixel_chunks = divide_up(c->out_height, rows);
  p->chunk_samples = 1;
  p->chunk_panels = p->panels;
  p->panel_chunks = 1;
  p->tasks = (int64_t)c->batch * p->pixel_chunks;
  p->pack_tasks = p->panels;
  p->packed_floats = (int64_t)p->panels * p->panel_blocks * 16 * (1 + taps);
  const int64_t strip_rows = (int64_t)(rows - 1) * c->stride_y + (int64_t)(c->kernel_height - 1) * c->dilation_y + 1;
  const int64_t strip = c->in_channels * strip_rows * columns;
  if (c->groups != 1 || strip >= INT32_MAX) return CK_UNSUPPORTED;
  p->scratch_floats = (taps + 15) / 16 * 16 + strip;
  return CK_OK;
}

static ck_status plan_depthwise(ck_conv_plan *p, int threads) {
  const ck_conv_shape *c = &p->shape;
  if (!can_depthwise(c)) return CK_UNSUPPORTED;
  const int64_t taps = (int64_t)c->kernel_height * c->kernel_width;
  p->panel_blocks = p->chunk_panels = p->chunk_samples = 1;
  p->panels = p->panel_chunks = ck_blocks(c->out_channels);
  const int parts = threads > 1 ? divide_up(4 * threads, (int64_t)p->panels * c->batch) : 1;
  const int rows = divide_up(c->out_height, ck_min(parts, c->out_height));
  p->chunk_pixels = rows * c->out_width;
  p->pixel_chunks = divide_up(c->out_height, rows);
  p->tasks = (int64_t)c->batch * p->panels * p->pixel_chunks;
  p->pack_tasks = p->panels;
  p->packed_floats = (int64_t)p->panels * 16 * (1 + taps);
  return CK_OK;
}

static ck_status plan_winograd(ck_conv_plan *p, int threads) {
  const ck_conv_shape *c = &p->shape;
  if (!ck_can_winograd(c)) return CK_UNSUPPORTED;
  const int m = p->method == CK_CONV_WINOGRAD2 ? 2 : 4, points = (m + 2) * (m + 2);
  const int64_t tiles = (int64_t)divide_up(c->out_height, m) * divide_up(c->out_width, m) * c->batch;
  if (tiles >= INT32_MAX) return CK_BAD_SHAPE;
  p->panels = divide_up(ck_blocks(c->out_channels), p->panel_blocks);
  p->reduce_blocks = ck_blocks(c->in_channels);
  const int passes = divide_up((int64_t)p->reduce_blocks * 1024 * p->panel_blocks, kPanelBytes);
  p->pass_blocks = divide_up(p->reduce_blocks, passes);
  const int64_t tile_bytes = (int64_t)points * p->reduce_blocks * 16 * (int64_t)sizeof(float);
  const int most = ck_max(kLeastTiles, ck_min(kMostTiles, (int)(kTransformedBytes / tile_bytes)));
  // No more tasks than threads if there are few tiles: each task transforms its input again.
  p->pixel_chunks = divide_up(tiles, most);
  if (p->pixel_chunks < threads)
    p->pixel_chunks = ck_max(1, ck_min(threads, (int)(tiles / kLeastTiles)));
  p->panel_chunks = ck_min(p->panels, divide_up(threads, p->pixel_chunks));
  p->chunk_pixels = divide_up(tiles, p->pixel_chunks);
  p->pixel_chunks = divide_up(tiles, p->chunk_pixels);
  p->chunk_panels = divide_up(p->panels, p->panel_chunks);
  p->panel_chunks = divide_up(p->panels, p->chunk_panels);
  p->sweep_panels = ck_min(p->chunk_panels, kSweepPanels);
  p->tasks = (int64_t)p->pixel_chunks * p->panel_chunks;
  p->pack_tasks = p->panels;
  p->packed_floats = (int64_t)p->panels * p->panel_blocks * 16 * (1 + (int64_t)p->reduce_blocks * 16 * points);
  p->scratch_floats = points * (((int64_t)p->reduce_blocks + p->sweep_panels * p->panel_blocks) * p->chunk_pixels * 16 + 32);
  return CK_OK;
}

ck_status ck_conv_plan_make(const ck_conv_shape *shape, const ck_conv_options *options,
                            ck_conv_plan *plan) {
  const ck_kernels *kernels = ck_kernels_of(options->isa);
  memset(plan, 0, sizeof *plan);
  if (!ck_is_valid_shape(shape)) return CK_BAD_SHAPE;
  if (!kernels || shape->kernel_height > CK_MAX_KERNEL || shape->kernel_width > CK_MAX_KERNEL)
    return CK_UNSUPPORTED;
  plan->shape = *shape;
  plan->isa = options->isa;
  plan->method = choose(shape, options);
  plan->skips_padding = options->weights == CK_WEIGHTS_NOT_FINITE;
  plan->panel_blocks = kernels->panel_blocks;
  const int threads = ck_max(1, ck_min(options->threads, 1024));
  switch (plan->method) {
    case CK_CONV_DIRECT: plan_direct(plan, threads); return CK_OK;
    case CK_CONV_PLANAR: return plan_planar(plan, threads);
    case CK_CONV_DEPTHWISE: return plan_depthwise(plan, threads);
    case CK_CONV_WINOGRAD2:
    case CK_CONV_WINOGRAD4: return plan_winograd(plan, threads);
    default: return CK_UNSUPPORTED;
  }
}
