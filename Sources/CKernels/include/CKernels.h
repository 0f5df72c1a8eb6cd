/// Hot kernels of the inference engine: convolution, pooling, elementwise work, small matrix products.
///
/// Rules for every function here:
/// - No allocation, no threads, no mutable globals. The caller owns every buffer.
/// - Work is divided into tasks. A plan or a `..._tasks` function tells how many there are, and the
///   work function takes a range `[begin, end)` of them. Any division into ranges, run in any order or
///   at the same time, gives the same bits.
/// - `float` is IEEE 754 binary32. Sizes and strides count floats unless they say bytes.
/// - Buffers need the alignment of `float` only; 64 bytes is faster.
/// - Arguments are checked where a plan is made. Work functions trust the plan and the views.
///
/// Layout: activations are NCHW16c. Channels lie in blocks of 16, the last block padded with zeros
/// (`ck_blocks`). Element (n, c, y, x) of a view is at
/// `data[n * sample + c / 16 * block + y * row + x * 16 + c % 16]`.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_isa.h"
#include "ck_view.h"
#include "ck_conv.h"
#include "ck_pool.h"
#include "ck_elementwise.h"
#include "ck_layout.h"
#include "ck_gemm.h"
#include "ck_taps.h"
#include "ck_int8.h"

#endif
