/// Sums over the taps of a filter: what a depthwise convolution is, forwards and backwards, once every tap reads a run
/// of floats of its own.
#ifndef CK_TAPS_H
#define CK_TAPS_H

#include <stddef.h>

#include "ck_isa.h"

/// `out[i] = sum over t of weights[t] * runs[t][i]` for `i < count`.
void ck_tap_sum(ck_isa isa, const float *const *runs, const float *weights, size_t taps, float *out, size_t count);

/// `products[t] += sum over i of runs[t][i] * factors[i]`, `i < count`.
void ck_tap_products(ck_isa isa, const float *const *runs, const float *factors, size_t taps, float *products,
                     size_t count);

#endif
