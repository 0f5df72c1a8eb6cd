/// Quantised kernels: convolutions and matrix products of bytes, and the operations between them.
///
/// A quantised element q of scale s and zero point z stands for (q - z) * s. Images are NCHW16c as in `CKernels.h`,
/// with a byte for each element; padding lanes hold arbitrary bytes, whose weights are zero.
///
/// Sums are exact 32-bit integers (modulo 2^32). Then one rule makes a byte of a sum, on every instruction set:
///
///     y = saturate(round(float(sum) * multiplier) + zero_point)        halves to even, no fused multiply-add
///
/// so all results are bit-identical.
#ifndef CK_INT8_H
#define CK_INT8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_conv.h"
#include "ck_isa.h"
#include "ck_pool.h"

/// How a quantised convolution multiplies.
typedef enum {
  CK_DOT_PAIRS = 0,  ///< activations and weights minus their zero points, as 16-bit integers, two products a lane
  CK_DOT_QUADS = 1,  ///< unsigned by signed bytes, four products a lane
} ck_dot;

/// Constant weights, as a file holds them: [out_channels][in_channels / groups][kernel_height][kernel_width] bytes,
/// or transposed ([in_channels][out_channels], 1x1 only).
typedef struct {
  const void *data;
  bool is_signed;
  bool transposed;
  const int32_t *zeros;  ///< NULL, or a zero point for each output channel
} ck_q_weights;

typedef enum {
  CK_Q_AUTO = 0,       ///< let the plan choose
  CK_Q_DIRECT = 1,     ///< every tap of every window
  CK_Q_WINOGRAD = 2,   ///< F(2x2, 3x3) in integers: exact, too; pairs only
  CK_Q_DEPTHWISE = 3,  ///< one input and one output channel a group; pairs only
} ck_q_method;

/// The order of the input's bytes.
typedef enum {
  CK_Q_BLOCKED = 0,    ///< NCHW16c
  CK_Q_PLANES = 1,     ///< NCHW: for images of few channels
  CK_Q_PIXELS = 2,     ///< NHWC, dense: rows of a matrix are pixels, its columns channels
} ck_q_layout;

/// What becomes of the sums.
typedef enum {
  CK_Q_BYTES = 0,   ///< bytes, by the rule above
  CK_Q_FLOATS = 1,  ///< float(sum) * multiplier
  CK_Q_SUMS = 2,    ///< the 32-bit integers themselves
} ck_q_result;

/// The requirements for a plan.
typedef struct {
  ck_isa isa;
  ck_q_method method;
  ck_q_layout input;
  bool emulates_quads;      ///< for tests: the algorithm of `CK_DOT_QUADS` in portable C, on any processor
  bool signed_input;        ///< int8 rather than uint8
  int input_zero;           ///< the zero point of the input
  int threads;              ///< threads that will share the tasks; changes their number, never the result
} ck_q_options;

/// A quantised convolution ready to run.
typedef struct {
  ck_conv_shape shape;
  ck_q_options options;
  ck_dot dot;
  ck_q_method method;
  int64_t packed_bytes;    ///< size of the packed weights and bias
  int64_t scratch_bytes;   ///< size of the scratch buffer that each running thread brings
  int64_t pack_tasks;      ///< tasks of `ck_q_conv_pack`
  int64_t tasks;           ///< tasks of `ck_q_conv_run`
  int panel_blocks;        ///< 16-channel output blocks in a weight panel
  int panels;
  int reduce_blocks;       ///< input blocks that a panel reads
  int runs;                ///< stretches of neighbouring window elements that a sum reads
  int groups;              ///< groups of two or four elements in a stretch
  int pixel_lanes;         ///< window elements from a pixel to the next
  int64_t extra_groups;    ///< vectors of weights that are added in two parts, as their products' sums would not fit 16 bits
  int window_rows, window_columns;
  int64_t window_block;    ///< window elements of one block of channels
  int64_t window_sample;   ///< window elements of one sample
  int chunk_pixels;        ///< output pixels in a task; Winograd: tiles
  int chunk_samples, chunk_panels;
  int pixel_chunks, panel_chunks;
  bool in_place;           ///< whether the input itself is the window
  bool linear;             ///< whether a window is a list of pixels: a 1x1 kernel without padding
} ck_q_plan;

/// The operations after the sums.
typedef struct {
  ck_q_result result;
  const float *multiplier;  ///< one for each output channel, 16 * ck_blocks(out_channels) of them; 0 in padding lanes
  int zero_point;           ///< of the result
  int low, high;            ///< bounds of the result: its type's range, narrowed by ReLU or Clip
  bool row_major;           ///< output rows of `out_pixel` elements, dense channels (`CK_Q_PIXELS`), not NCHW16c
  /// NULL, or bytes q like the output's first `ck_blocks(out_channels)` blocks: the result y above becomes
  /// saturate(round((y - zero_point) * own + (q - added_zero) * other) + sum_zero). May be the output itself.
  const void *added;
  bool signed_added;
  int added_zero, sum_zero, sum_low, sum_high;
  float own, other;
  ptrdiff_t out_sample;     ///< elements from a sample of the output (and of `added`) to the next
} ck_q_epilogue;

/// Plans a quantised convolution: a function of the arguments and the processor. O(weights).
///
/// Winograd is chosen for 3x3, stride 1, where it should be faster and where the weights' magnitudes prove that its
/// sums fit 32 bits.
ck_status ck_q_plan_make(const ck_conv_shape *shape, const ck_q_weights *weights, const ck_q_options *options,
                         ck_q_plan *plan);

/// Packs tasks `[begin, end)` of `plan->pack_tasks` of the weights for which the plan was made, and of the bias, which
/// is NULL or in units of the sums.
void ck_q_conv_pack(const ck_q_plan *plan, const ck_q_weights *weights, const int32_t *bias, void *packed,
                    int64_t begin, int64_t end);

/// Computes tasks `[begin, end)` of `plan->tasks`. `scratch` is this caller's own `plan->scratch_bytes` bytes, on a
/// boundary of 64 bytes.
void ck_q_conv_run(const ck_q_plan *plan, const void *packed, const void *in, void *out,
                   const ck_q_epilogue *epilogue, void *scratch, int64_t begin, int64_t end);

/// Runs `rounds` rounds of independent multiply-adds of quantised numbers on registers, in the fastest way of `isa`: of
/// bytes, or of 16-bit integers if it has none.
///
/// Returns the operations done (two for each multiply-add); the caller takes the time. `sink` receives a value that
/// depends on all of them.
double ck_q_peak(ck_isa isa, long rounds, int32_t *sink);

/// `out[i] = saturate(round(in[i] / scale) + zero)`; a NaN becomes `low`.
void ck_q_quantize(ck_isa isa, const float *in, void *out, size_t count, float scale, int zero, int low, int high);

/// `out[i] = (in[i] - zero) * scale`.
void ck_q_dequantize(ck_isa isa, const void *in, bool is_signed, float *out, size_t count, float scale, int zero);

/// One operand of `ck_q_add`: its bytes, and its factor in units of the result.
typedef struct {
  const void *data;
  bool is_signed;
  int zero;
  float factor;
} ck_q_operand;

/// `out[i] = saturate(round((a[i] - a.zero) * a.factor + (b[i] - b.zero) * b.factor) + zero)`.
void ck_q_add(ck_isa isa, const ck_q_operand *a, const ck_q_operand *b, void *out, size_t count, int zero, int low,
              int high);

/// `out[i] = saturate(round((a[i] - a.zero) * (b[i] - b.zero) * factor) + zero)`.
void ck_q_multiply(ck_isa isa, const ck_q_operand *a, const ck_q_operand *b, float factor, void *out, size_t count,
                   int zero, int low, int high);

/// One block of 16 channels: `out[p * 16 + l] = saturate(round((a[p * 16 + l] - a.zero) * factors[l]) + zero)`.
void ck_q_scale_block(ck_isa isa, const ck_q_operand *a, const float *factors, void *out, size_t pixels, int zero,
                      int low, int high);

/// `out[i] = table[in[i]]`, over bytes as unsigned numbers.
void ck_q_map(const uint8_t *table, const void *in, void *out, size_t count);

/// Pools tasks `[begin, end)` of `ck_pool_tasks(shape)`, over dense NCHW16c bytes. A mean is
/// saturate(round(float(sum of in - in_zero) * (factor / count)) + zero); a maximum is taken over the bytes.
void ck_q_pool(ck_isa isa, const ck_pool_shape *shape, const void *in, bool is_signed, int in_zero, float factor,
               void *out, int zero, int low, int high, int64_t begin, int64_t end);

/// The means over `pixels` of 16 channels of NCHW16c bytes: saturate(round(float(sum) * factor) + zero), where the
/// factor holds the division by `pixels`.
void ck_q_global_average(ck_isa isa, const void *in, bool is_signed, int in_zero, int64_t pixels, float factor,
                         void *out, int zero, int low, int high);

/// Bytes from NCHW to NCHW16c and back: tasks `[begin, end)` of `batch * ck_blocks(channels)`. Padding lanes become 0.
void ck_q_from_nchw(const void *from, void *to, int channels, int64_t pixels, int64_t begin, int64_t end);
void ck_q_to_nchw(const void *from, void *to, int channels, int64_t pixels, int64_t begin, int64_t end);

/// Gathers channels of dense NCHW16c bytes: channel i of sample n of `to` is at `places[n * count + i]` among the
/// channels of all samples' blocks (`16 * block of all samples + lane`). Tasks `[begin, end)` of
/// `batch * ck_blocks(count)`.
void ck_q_gather_channels(const void *from, void *to, const int32_t *places, int count, int64_t pixels, int64_t begin,
                          int64_t end);

#endif
