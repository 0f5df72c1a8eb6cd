// The blocking of a quantised convolution.

#include "int8_internal.h"

// Target sizes in bytes: a task's window stays in half of a second-level cache of 512 KiB.
enum { kWindowBytes = 192 << 10 };
// Winograd: tiles in a task. Panels in a sweep over the points share a transformed input.
enum { kLeastTiles = 12, kMostTiles = 48 };
// The largest number of pixels of a tile.
enum { kLeastPixels = 24 };

static int divide_up(int64_t a, int64_t b) { return (int)((a + b - 1) / b); }

static void divide_panels(ck_q_plan *p, int64_t other_tasks) {
  const int threads = ck_max(1, ck_min(p->options.threads, 1024));
  p->panel_chunks = 1;
  while (threads > 1 && other_tasks * p->panel_chunks < 2 * threads && p->panel_chunks < p->panels)
    p->panel_chunks = ck_min(p->panel_chunks * 2, p->panels);
  p->chunk_panels = divide_up(p->panels, p->panel_chunks);
  p->panel_chunks = divide_up(p->panels, p->chunk_panels);
}

// Pixels in a task, so that `pixel_bytes` each fit, in whole rows where windows have rows.
static void divide_pixels(ck_q_plan *p, int64_t pixel_bytes) {
  const ck_conv_shape *c = &p->shape;
  const int threads = ck_max(1, ck_min(p->options.threads, 1024));
  const int64_t pixels = (int64_t)c->out_height * c->out_width;
  const int64_t unit = p->linear ? 1 : c->out_width;
  int64_t fit = kWindowBytes / ck_max(1, (int)(pixel_bytes < INT32_MAX ? pixel_bytes : INT32_MAX));
  if (fit < kLeastPixels) fit = kLeastPixels;
  p->chunk_samples = (int)ck_max(1, (int)(fit / pixels < c->batch ? fit / pixels : c->batch));
  const int sample_chunks = divide_up(c->batch, p->chunk_samples);
  int64_t units = pixels / unit;
  int chunks = divide_up(pixels, fit > unit ? fit / unit * unit : unit);
  while (threads > 1 && (int64_t)sample_chunks * chunks < 4 * threads && pixels / (chunks * 2) >= 96 &&
         chunks * 2 <= units)
    chunks *= 2;
  p->chunk_pixels = (int)(divide_up(units, chunks) * unit);
  p->pixel_chunks = divide_up(pixels, p->chunk_pixels);
  divide_panels(p, (int64_t)sample_chunks * p->pixel_chunks);
  p->tasks = (int64_t)sample_chunks * p->pixel_chunks * p->panel_chunks;
}

static ck_status plan_direct(ck_q_plan *p, const ck_q_weights *w) {
  const ck_conv_shape *c = &p->shape;
  const int group = ck_q_group(p->dot), element = ck_q_element(p->dot);
  const int taps = ck_q_run_taps(c);
  p->panels = divide_up(ck_blocks(c->out_channels), p->panel_blocks);
  const bool blocked = p->options.input == CK_Q_BLOCKED;
  if (!blocked && c->groups != 1) return CK_UNSUPPORTED;
  p->reduce_blocks = 1;
  for (int i = 0; blocked && i < p->panels; i++)
    p->reduce_blocks = ck_max(p->reduce_blocks, ck_panel_inputs(c, i, p->panel_blocks).count);
  p->pixel_lanes = blocked ? 16 : c->in_channels;
  p->groups = divide_up((int64_t)p->pixel_lanes * taps, group);
  const int64_t runs = (int64_t)p->reduce_blocks * c->kernel_height * (c->kernel_width / taps);
  if (runs >= 1 << 20 || (int64_t)p->pixel_lanes * taps >= 1 << 24) return CK_UNSUPPORTED;
  p->runs = (int)runs;
  p->linear = c->kernel_height == 1 && c->kernel_width == 1 && c->pad_top == 0 && c->pad_left == 0 &&
              (int64_t)(c->out_height - 1) * c->stride_y < c->in_height &&
              (int64_t)(c->out_width - 1) * c->stride_x < c->in_width;
  const int64_t columns = p->linear ? 1 : (int64_t)(c->out_width - 1) * c->stride_x + (int64_t)(c->kernel_width - 1) * c->dilation_x + 1;
  const int in_blocks = blocked ? ck_blocks(c->in_channels) : 1;
  divide_pixels(p, (int64_t)in_blocks * p->pixel_lanes * element *
                       (p->linear ? 1 : c->stride_y * (int64_t)c->stride_x));
  const int64_t rows = p->linear ? p->chunk_pixels
                                 : (int64_t)(p->chunk_pixels / c->out_width - 1) * c->stride_y +
                                       (int64_t)(c->kernel_height - 1) * c->dilation_y + 1;
  if (rows * columns >= 1 << 28 || (p->options.input == CK_Q_PIXELS && !p->linear)) return CK_UNSUPPORTED;
  p->window_rows = (int)rows;
  p->window_columns = (int)columns;
  p->window_block = rows * columns * p->pixel_lanes;
  p->window_sample = p->window_block * in_blocks;
  // Unsigned bytes are read where they are.
  p->in_place = p->linear && p->dot == CK_DOT_QUADS && !p->options.signed_input && p->options.input == CK_Q_BLOCKED &&
                c->stride_x == 1 && c->stride_y == 1 && c->in_width == c->out_width && c->in_height == c->out_height;
  if (p->in_place) p->window_block = (int64_t)c->in_height * c->in_width * 16;
  if (p->in_place && p->window_block * in_blocks >= INT32_MAX) return CK_UNSUPPORTED;
  if (p->window_sample >= 1 << 29 || p->window_sample * p->chunk_samples >= (int64_t)1 << 32) return CK_UNSUPPORTED;
  // Offsets of the runs, then the window; a group may reach beyond the last pixel.
  p->scratch_bytes = (p->runs * (int64_t)sizeof(int32_t) + 63) / 64 * 64 +
                     (p->window_sample * p->chunk_samples + 64) * element;
  p->packed_bytes = (int64_t)p->panels * p->panel_blocks * 16 *
                    ((int64_t)sizeof(int32_t) + runs * p->groups * group * element);
  p->pack_tasks = p->panels;
  const int narrow = ck_q_kernels_of(p)->narrow_lanes;
  if (narrow > 0) {
    for (int i = 0; i < p->panels; i++) p->extra_groups += ck_q_extra_groups(p, w, i);
    const int64_t vectors = (int64_t)p->panels * p->panel_blocks * 16 / narrow;
    p->packed_bytes += (vectors + 1 + 2 * p->extra_groups) * (int64_t)sizeof(int32_t) +
                       p->extra_groups * narrow * group * element;
  }
  return CK_OK;
}

static ck_status plan_winograd(ck_q_plan *p) {
  const ck_conv_shape *c = &p->shape;
  if (!ck_can_winograd(c) || p->dot != CK_DOT_PAIRS || p->options.input != CK_Q_BLOCKED) return CK_UNSUPPORTED;
  const int64_t tiles = (int64_t)divide_up(c->out_height, 2) * divide_up(c->out_width, 2) * c->batch;
  if (tiles >= INT32_MAX) return CK_BAD_SHAPE;
  p->panels = divide_up(ck_blocks(c->out_channels), p->panel_blocks);
  p->reduce_blocks = p->runs = ck_blocks(c->in_channels);
  p->pixel_lanes = 16;
  p->groups = 8;
  const int threads = ck_max(1, ck_min(p->options.threads, 1024));
  const int most = ck_max(kLeastTiles, ck_min(kMostTiles, (512 << 10) / (512 * p->reduce_blocks)));
  p->pixel_chunks = divide_up(tiles, most);
  if (p->pixel_chunks < threads) p->pixel_chunks = ck_max(p->pixel_chunks, ck_min(threads, (int)(tiles / kLeastTiles)));
  p->chunk_pixels = divide_up(tiles, p->pixel_chunks);
  p->pixel_chunks = divide_up(tiles, p->chunk_pixels);
  divide_panels(p, p->pixel_chunks);
  p->tasks = (int64_t)p->pixel_chunks * p->panel_chunks;
  p->pack_tasks = p->panels;
  p->packed_bytes = (int64_t)p->panels * p->panel_blocks * 16 *
                    ((int64_t)sizeof(int32_t) + (int64_t)p->reduce_blocks * 16 * 16 * (int64_t)sizeof(int16_t));
  p->window_block = (int64_t)p->chunk_pixels * 16;
  p->scratch_bytes = (p->runs * (int64_t)sizeof(int32_t) + 63) / 64 * 64 +
                     16 * ((p->reduce_blocks * p->window_block + 32) * (int64_t)sizeof(int16_t) +
                           (CK_Q_SWEEP * p->panel_blocks * p->window_block + 16) * (int64_t)sizeof(int32_t));
  return CK_OK;
}

static ck_status plan_depthwise(ck_q_plan *p) {
  const ck_conv_shape *c = &p->shape;
  if (c->groups != c->in_channels || c->groups != c->out_channels || p->dot != CK_DOT_PAIRS ||
      p->options.input != CK_Q_BLOCKED)
    return CK_UNSUPPORTED;
  const int taps = c->kernel_height * c->kernel_width;
  p->panel_blocks = 1;
  p->panels = ck_blocks(c->out_channels);
  p->groups = (taps + 1) / 2;
  p->pixel_lanes = 16;
  const int64_t columns = (int64_t)(c->out_width - 1) * c->stride_x + (int64_t)(c->kernel_width - 1) * c->dilation_x + 1;
  divide_pixels(p, 32 * c->stride_y * (int64_t)c->stride_x);
  p->chunk_samples = 1;
  p->panel_chunks = p->panels;
  p->chunk_panels = 1;
  p->tasks = (int64_t)c->batch * p->pixel_chunks * p->panels;
  const int64_t rows = (int64_t)(p->chunk_pixels / c->out_width - 1) * c->stride_y +
                       (int64_t)(c->kernel_height - 1) * c->dilation_y + 1;
  if (rows * columns >= 1 << 25) return CK_UNSUPPORTED;
  p->window_rows = (int)rows;
  p->window_columns = (int)columns;
  p->window_block = p->window_sample = rows * columns * 16;
  p->runs = 2 * p->groups;
  p->scratch_bytes = (p->runs * (int64_t)sizeof(int32_t) + 63) / 64 * 64 + (p->window_sample + 64) * 2;
  p->packed_bytes = (int64_t)p->panels * 16 * ((int64_t)sizeof(int32_t) + p->groups * 2 * 2);
  p->pack_tasks = p->panels;
  return CK_OK;
}

// The largest sum of the magnitudes of an output channel's weights.
static int64_t largest_sum(const ck_conv_shape *c, const ck_q_weights *w) {
  const int64_t count = (int64_t)(c->in_channels / c->groups) * c->kernel_height * c->kernel_width;
  int64_t largest = 0;
  for (int o = 0; o < c->out_channels; o++) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
      const int value = ck_q_weight(c, w, o, i, count);
      sum += value < 0 ? -value : value;
    }
    if (sum > largest) largest = sum;
  }
  return largest;
}

// Winograd's sums are four times the convolution's. Those must fit 32 bits; the steps between may wrap.
static bool is_winograd_exact(const ck_conv_shape *c, const ck_q_weights *w) {
  return largest_sum(c, w) < ((int64_t)1 << 31) / (4 * 255 + 1);
}

// Whether Winograd is faster than direct convolution: products, of which bytes allow more in the same time, the
// transforms, and weights that are read from memory once per run.
static bool prefers_winograd(const ck_conv_shape *c) {
  const double in = 16.0 * ck_blocks(c->in_channels), out = 16.0 * ck_blocks(c->out_channels);
  const double tiles = (double)divide_up(c->out_height, 2) * divide_up(c->out_width, 2);
  const double memory = 12, transform = 5, bytes = 1.35;
  const double winograd = 16 * bytes * ((tiles + memory) * in * out + transform * tiles * (in + out));
  return winograd < 9 * (memory / 2 + (double)c->out_height * c->out_width) * in * out;
}

// Whether all weights minus their zero points are signed bytes.
static bool are_bytes(const ck_conv_shape *c, const ck_q_weights *w) {
  if (!w->is_signed) return false;
  for (int o = 0; w->zeros && o < c->out_channels; o++)
    if (w->zeros[o] != 0) return false;
  return true;
}

static ck_q_method choose(const ck_q_plan *p, const ck_q_weights *w, bool has_quads) {
  const ck_conv_shape *c = &p->shape;
  const ck_q_options *o = &p->options;
  if (o->method != CK_Q_AUTO || o->input != CK_Q_BLOCKED) return o->method == CK_Q_AUTO ? CK_Q_DIRECT : o->method;
  if (c->groups > 1 && c->groups == c->in_channels && c->groups == c->out_channels) return CK_Q_DEPTHWISE;
  // VNNI multiplies four times as many bytes in an instruction as 16-bit integers are multiplied here.
  if (o->emulates_quads || (has_quads && ck_q_quads(o->isa)->narrow_lanes == 0)) return CK_Q_DIRECT;
  return ck_can_winograd(c) && prefers_winograd(c) && is_winograd_exact(c, w) ? CK_Q_WINOGRAD : CK_Q_DIRECT;
}

// A plan that multiplies bytes by `quads`, if they are not NULL.
static ck_status make(const ck_conv_shape *shape, const ck_q_weights *weights, const ck_q_options *options,
                      const ck_q_kernels *quads, ck_q_plan *plan) {
  memset(plan, 0, sizeof *plan);
  plan->shape = *shape;
  plan->options = *options;
  plan->method = choose(plan, weights, quads != NULL);
  const ck_q_kernels *kernels = plan->method == CK_Q_DIRECT && quads ? quads : ck_q_pairs(options->isa);
  if (options->emulates_quads && kernels != quads) return CK_UNSUPPORTED;
  plan->dot = kernels->dot;
  plan->panel_blocks = kernels->panel_blocks;
  switch (plan->method) {
    case CK_Q_WINOGRAD: return is_winograd_exact(shape, weights) ? plan_winograd(plan) : CK_UNSUPPORTED;
    case CK_Q_DEPTHWISE: return plan_depthwise(plan);
    default: return plan_direct(plan, weights);
  }
}

// Whether so many vectors are multiplied in two parts that 16-bit integers are faster.
static bool has_many_extra(const ck_q_plan *p) {
  const int narrow = ck_q_kernels_of(p)->narrow_lanes;
  if (p->method != CK_Q_DIRECT || narrow == 0) return false;
  const int64_t vectors = (int64_t)p->panels * p->panel_blocks * 16 / narrow * p->runs * p->groups;
  return p->extra_groups * 10 > vectors;
}

ck_status ck_q_plan_make(const ck_conv_shape *shape, const ck_q_weights *weights, const ck_q_options *options,
                         ck_q_plan *plan) {
  if (!ck_is_valid_shape(shape)) return CK_BAD_SHAPE;
  if (shape->kernel_height > CK_MAX_KERNEL || shape->kernel_width > CK_MAX_KERNEL) return CK_UNSUPPORTED;
  const ck_q_kernels *quads = options->emulates_quads ? &ck_q_emulated_kernels : ck_q_quads(options->isa);
  if (quads && !are_bytes(shape, weights)) quads = NULL;
  const ck_status status = make(shape, weights, options, quads, plan);
  if (status != CK_OK || !has_many_extra(plan)) return status;
  return make(shape, weights, options, NULL, plan);
}
