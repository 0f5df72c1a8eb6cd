#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../int8_internal.h"
#include "vector.h"
#include "tile.h"
#include "direct.h"
#include "winograd.h"
#include "depthwise.h"
#include "pool.h"
#include "elementwise.h"
#include "peak.h"

const ck_q_kernels CK_NAME(kernels) = {
    .dot = QG == 4 ? CK_DOT_QUADS : CK_DOT_PAIRS,
    .panel_blocks = QNB,
    .narrow_lanes = NARROW_SUMS ? QL : 0,
    .direct = CK_NAME(q_direct_run),
#if QG == 2
    .winograd = CK_NAME(q_winograd_run),
    .depthwise = CK_NAME(q_depthwise_run),
#endif
    .peak = CK_NAME(q_peak),
    .quantize = CK_NAME(q_quantize),
    .dequantize = CK_NAME(q_dequantize),
    .add = CK_NAME(q_add),
    .multiply = CK_NAME(q_multiply),
    .scale_block = CK_NAME(q_scale_block),
    .pool = CK_NAME(q_pool),
    .global_average = CK_NAME(q_global_average),
};
