/// Small matrix products: fully connected layers at batch 1 to about 8.
#ifndef CK_GEMM_H
#define CK_GEMM_H

#include <stdint.h>

#include "ck_isa.h"

/// `y = clamp(x W^T + b)`.
typedef struct {
  int batch, inputs, outputs;
  const float *x;           ///< [batch][inputs], rows `x_row` floats apart
  int64_t x_row;
  const void *weights;      ///< [outputs][inputs], dense, of any alignment (it may lie in a mapped file)
  const void *bias;         ///< [outputs] or NULL, of any alignment
  float *y;                 ///< [batch][outputs], rows `y_row` floats apart
  int64_t y_row;
  float low, high;          ///< bounds of the result; infinite: none
} ck_gemm;

/// Tasks of a product: groups of 4 outputs.
int64_t ck_gemm_tasks(const ck_gemm *gemm);

/// Computes tasks `[begin, end)`. Each weight is read from memory once, whatever the batch up to 8.
void ck_gemm_run(ck_isa isa, const ck_gemm *gemm, int64_t begin, int64_t end);

#endif
