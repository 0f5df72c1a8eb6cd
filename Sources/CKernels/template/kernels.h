#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../internal.h"
#include "vector.h"
#include "micro.h"
#include "direct.h"
#include "planar.h"
#include "winograd.h"
#include "depthwise.h"
#include "pool.h"
#include "elementwise.h"
#include "gemm.h"
#include "taps.h"
#include "peak.h"

const ck_kernels CK_NAME(kernels) = {
    .panel_blocks = NB,
    .winograd_pack = CK_NAME(winograd_pack),
    .pool = CK_NAME(pool_run),
    .global_average_pool = CK_NAME(global_average_pool),
    .binary = CK_NAME(binary),
    .clamp = CK_NAME(clamp),
    .scale_block = CK_NAME(scale_block),
    .shift_block = CK_NAME(shift_block),
    .gemm = CK_NAME(gemm_run),
    .tap_sum = CK_NAME(tap_sum),
    .tap_products = CK_NAME(tap_products),
    .peak_fma = CK_NAME(peak_fma),
    .peak_read = CK_NAME(peak_read),
    .conv = {[CK_CONV_DIRECT] = CK_NAME(direct_run),
             [CK_CONV_PLANAR] = CK_NAME(planar_run),
             [CK_CONV_DEPTHWISE] = CK_NAME(depthwise_run),
             [CK_CONV_WINOGRAD2] = CK_NAME(winograd2_run),
             [CK_CONV_WINOGRAD4] = CK_NAME(winograd4_run)},
};
