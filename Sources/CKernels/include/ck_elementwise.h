/// Elementwise work over runs of floats. Callers split a run as they like.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include <stddef.h>

#include "ck_isa.h"

typedef enum { CK_ADD = 0, CK_SUBTRACT = 1, CK_MULTIPLY = 2 } ck_binary_operator;

/// `out[i] = min(high, max(low, a[i] op b[i]))` for `i < count`; `out` may be `a` or `b`.
///
/// Infinite bounds do not clamp; a NaN stays a NaN. As padding lanes are zeros, adding `k` channels in
/// NCHW16c to the first `k` channels of a wider activation in place is an addition over
/// `ck_blocks(k) * block` floats of each sample: the other channels of the last block have 0 added.
void ck_binary(ck_isa isa, ck_binary_operator op, const float *a, const float *b, float *out,
               size_t count, float low, float high);

/// `out[i] = min(high, max(low, a[i]))` for `i < count`; `out` may be `a`. ReLU is `low` 0, `high` +infinity.
void ck_clamp(ck_isa isa, const float *a, float *out, size_t count, float low, float high);

/// `out[p * 16 + l] = a[p * 16 + l] * factors[l]` for `p < pixels`: one block of channels, each times its
/// factor.
void ck_scale_block(ck_isa isa, const float *a, const float *factors, float *out, size_t pixels);

/// Adds to `pixels` elements of a 16-channel block 16 terms, one a channel.
void ck_shift_block(ck_isa isa, const float *a, const float *terms, float *out, size_t pixels);

#endif
