/// Convolution: plan once, pack the weights once, run task by task.
#ifndef CK_CONV_H
#define CK_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_isa.h"
#include "ck_view.h"

/// The shape of a convolution: ONNX `Conv` over two spatial axes.
///
/// The output size implies the padding below and on the right.
typedef struct {
  int batch, groups;
  int in_channels, in_height, in_width;
  int out_channels, out_height, out_width;
  int kernel_height, kernel_width;
  int stride_y, stride_x;
  int dilation_y, dilation_x;
  int pad_top, pad_left;
} ck_conv_shape;

/// The method of computing a convolution.
typedef enum {
  CK_CONV_AUTO = 0,       ///< let the cost model choose (`ck_conv_plan_make`)
  CK_CONV_DIRECT = 1,     ///< packed direct convolution; groups through zero weights in a block
  CK_CONV_PLANAR = 2,     ///< direct, from a plain NCHW input (the first layer)
  CK_CONV_DEPTHWISE = 3,  ///< one input and one output channel a group
  CK_CONV_WINOGRAD2 = 4,  ///< Winograd F(2x2, 3x3)
  CK_CONV_WINOGRAD4 = 5,  ///< Winograd F(4x4, 3x3)
} ck_conv_method;

/// The class of a convolution's weights by their magnitudes (`ck_conv_weight_range`).
typedef enum {
  CK_WEIGHTS_EVEN = 0,        ///< every method
  CK_WEIGHTS_WIDE = 1,        ///< no Winograd: a few weights would drown the others in their rounding errors
  CK_WEIGHTS_NOT_FINITE = 2,  ///< there is an infinity or a NaN: no product with the padding may be formed
} ck_weight_range;

/// The engine's requirements for a plan.
typedef struct {
  ck_isa isa;
  ck_conv_method method;    ///< `CK_CONV_AUTO`, or a method to force
  bool exact;               ///< with `CK_CONV_AUTO`: never Winograd
  int threads;              ///< threads that will share the tasks; changes their number, never the result
  ck_weight_range weights;  ///< with `CK_CONV_AUTO`: Winograd for even weights only
} ck_conv_options;

/// A convolution ready to run: the method, its blocking, and the sizes that the caller allocates.
typedef struct {
  ck_conv_shape shape;
  ck_isa isa;
  ck_conv_method method;
  bool skips_padding;      ///< direct: products with the padding are left out, not 0 times a weight
  int64_t packed_floats;   ///< size of the packed weights and bias
  int64_t scratch_floats;  ///< size of the scratch buffer that each running thread brings
  int64_t pack_tasks;      ///< tasks of `ck_conv_pack`
  int64_t tasks;           ///< tasks of `ck_conv_run`
  int panel_blocks;        ///< 16-channel output blocks in a weight panel
  int panels;              ///< weight panels
  int reduce_blocks;       ///< input blocks (Winograd: of each point) that a panel reads
  int pass_blocks;         ///< input blocks summed in registers before the sum goes to memory
  int chunk_panels;        ///< panels in a task
  int sweep_panels;        ///< Winograd: panels in one sweep over the points
  int chunk_pixels;        ///< output pixels in a task; Winograd: tiles
  int chunk_samples;       ///< samples in a task
  int panel_chunks, pixel_chunks;
} ck_conv_plan;

typedef enum {
  CK_OK = 0,
  CK_BAD_SHAPE = 1,    ///< a size is not positive, too large, or does not fit the others
  CK_UNSUPPORTED = 2,  ///< the forced method or instruction set cannot compute this
} ck_status;

/// The operations after the sum: `y = clamp((sum + bias) * scale + residual)`.
typedef struct {
  const float *bias;       ///< NULL: the packed bias; or what takes its place, laid out as `scale`
  ptrdiff_t bias_sample;   ///< floats from a sample's biases to the next sample's; 0 to share them
  const float *scale;      ///< NULL, or a factor per output channel, 16 * ck_blocks(out_channels) floats a sample
  ptrdiff_t scale_sample;  ///< floats from a sample's factors to the next sample's; 0 to share them
  ck_view residual;        ///< `data` NULL: none. May be the output itself: then it is added in place
  bool clamp;              ///< whether to clamp to [low, high]; ReLU is [0, +infinity]
  float low, high;
} ck_epilogue;

/// Plans a convolution.
///
/// The choice is a function of the arguments alone. Winograd is chosen for 3x3, stride 1, dilation 1, groups
/// 1 where the model in `conv_plan.c` expects it to be faster than direct convolution: F(4x4) when the tiles
/// waste little and the transformed weights stay in proportion to the work, F(2x2) on small maps. Relative
/// error to the largest |y|: direct 3e-6, F(2x2) 2e-6, F(4x4) 2e-5, for weights of the range that the options
/// say. `CK_CONV_PLANAR` is never chosen, only forced: it reads another input layout.
ck_status ck_conv_plan_make(const ck_conv_shape *shape, const ck_conv_options *options,
                            ck_conv_plan *plan);

/// The range of the weights, which depends on them and the shape alone: O(weights).
///
/// Weights and scale are those passed to `ck_conv_pack`. The weights of a 3x3 convolution are wide if for an
/// output channel, with S the sum of the magnitudes of its n weights,
/// - the largest exceeds (sum of the square roots of the magnitudes)^2 / n: it outweighs all others together,
///   or fewer than about sqrt(n) weights of its size do;
/// - S exceeds 16 times the sum of those taps that lie inside the image for an output at the border; or
/// - S is more than 2^100, where a transform might overflow.
/// Convolutions that Winograd cannot compute have no wide weights. Those without taps in the padding, 1x1,
/// are not examined: they count as even.
ck_weight_range ck_conv_weight_range(const ck_conv_shape *shape, const void *weights, const float *scale);

/// Packs tasks `[begin, end)` of `plan->pack_tasks` of the weights and the bias.
///
/// `weights` is [out_channels][in_channels / groups][kernel_height][kernel_width], `bias` [out_channels] or
/// NULL; neither needs any alignment (they may lie in a mapped file). `scale` is NULL, or holds for each
/// output channel a factor on its weights but not on its bias: a folded normalisation.
void ck_conv_pack(const ck_conv_plan *plan, const void *weights, const void *bias, const float *scale,
                  float *packed, int64_t begin, int64_t end);

/// Computes tasks `[begin, end)` of `plan->tasks`.
///
/// `in` is NCHW16c; for `CK_CONV_PLANAR` plain NCHW, and then `row`, `block` and `sample` of the view
/// are floats to the next row, channel and sample, and its halo is not used. Padding lanes of the
/// input must be finite. Padding lanes of the output become 0 (plus the residual's).
/// `scratch` is this caller's own `plan->scratch_floats` floats, NULL if that is 0.
void ck_conv_run(const ck_conv_plan *plan, const float *packed, const ck_view *in,
                 const ck_view *out, const ck_epilogue *epilogue, float *scratch, int64_t begin,
                 int64_t end);

#endif
