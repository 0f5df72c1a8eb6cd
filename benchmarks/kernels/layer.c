// One convolution with random data, made ready to be timed: shared by bench.c and compare.py.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CKernels.h"

struct layer {
  ck_conv_plan plan;
  ck_view in, out;
  float *packed, *scratch;
};

double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *random_floats(int64_t count, float scale) {
  float *data = aligned_alloc(64, (size_t)(count * 4 + 63) / 64 * 64);
  unsigned state = 12345;
  for (int64_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = scale * ((float)(state >> 8) / 8388608.0f - 1.0f);
  }
  return data;
}

struct layer *layer_make(int isa, int method, int batch, int in, int out, int kernel, int stride,
                         int size) {
  const int pad = kernel / 2, size_out = (size + 2 * pad - kernel) / stride + 1;
  const ck_conv_shape shape = {batch,  1,      in,     size,   size, out, size_out, size_out,
                               kernel, kernel, stride, stride, 1,    1,   pad,      pad};
  if (method == CK_CONV_AUTO && in < 16) method = CK_CONV_PLANAR;
  const ck_conv_options options = {(ck_isa)isa, (ck_conv_method)method, false, 1};
  struct layer *l = calloc(1, sizeof *l);
  if (ck_conv_plan_make(&shape, &options, &l->plan) != CK_OK) {
    free(l);
    return NULL;
  }
  const bool planar = l->plan.method == CK_CONV_PLANAR;
  const int64_t in_floats = (int64_t)batch * size * size * (planar ? in : ck_blocks(in) * 16);
  l->in = ck_dense_view(random_floats(in_floats, 1), in, size, size);
  if (planar)
    l->in = (ck_view){l->in.data, size, (ptrdiff_t)size * size, (ptrdiff_t)in * size * size, 0};
  l->out = ck_dense_view(random_floats((int64_t)batch * size_out * size_out * ck_blocks(out) * 16, 1), out,
                         size_out, size_out);
  float *weights = random_floats((int64_t)out * in * kernel * kernel,
                                 1.7f / sqrtf((float)(in * kernel * kernel)));
  l->packed = aligned_alloc(64, (size_t)(l->plan.packed_floats * 4 + 63) / 64 * 64);
  l->scratch = aligned_alloc(64, (size_t)(l->plan.scratch_floats * 4 + 127) / 64 * 64);
  ck_conv_pack(&l->plan, weights, weights, NULL, l->packed, 0, l->plan.pack_tasks);
  free(weights);
  return l;
}

// Runs the layer once on this thread; returns seconds.
double layer_run(struct layer *l) {
  const ck_epilogue relu = {.clamp = true, .low = 0, .high = INFINITY};
  const double start = seconds();
  ck_conv_run(&l->plan, l->packed, &l->in, &l->out, &relu, l->scratch, 0, l->plan.tasks);
  return seconds() - start;
}

int layer_method(const struct layer *l) { return l->plan.method; }

void layer_free(struct layer *l) {
  free(l->in.data);
  free(l->out.data);
  free(l->packed);
  free(l->scratch);
  free(l);
}
