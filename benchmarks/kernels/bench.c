// Times every convolution of ResNet-50 on one thread: least and median time, GFLOP/s, share of the FMA
// peak measured in the same run.
//
//   bench [isa] [method] [runs] [batch]     isa 0 portable, 1 AVX2, 2 AVX-512; method as ck_conv_method

#include "layer.c"

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double peak(ck_isa isa) {
  double best = 0;
  float sink;
  for (int i = 0; i < 20; i++) {
    const double start = seconds();
    const double flops = ck_peak_fma(isa, 100000, &sink);
    const double rate = flops / (seconds() - start);
    best = rate > best ? rate : best;
  }
  return best;
}

int main(int argc, char **argv) {
  static const char *const methods[] = {"auto", "direct", "planar", "depthwise", "F(2x2)", "F(4x4)"};
  static const struct {
    const char *name;
    int in, out, kernel, stride, size, count;
  } layers[] = {
#define LAYER(...) {__VA_ARGS__},
#include "layers.h"
  };
  const ck_isa isa = argc > 1 ? (ck_isa)atoi(argv[1]) : ck_isa_best();
  const int method = argc > 2 ? atoi(argv[2]) : CK_CONV_AUTO;
  const int runs = argc > 3 ? atoi(argv[3]) : 30, batch = argc > 4 ? atoi(argv[4]) : 1;
  if (!ck_isa_supported(isa)) return fprintf(stderr, "instruction set not supported here\n"), 1;
  const double top = peak(isa);
  printf("FMA peak %.1f GFLOP/s\n", top / 1e9);
  double total = 0, total_flops = 0;
  double *times = calloc((size_t)runs, sizeof *times);
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
    struct layer *l = layer_make(isa, method, batch, layers[i].in, layers[i].out, layers[i].kernel,
                                 layers[i].stride, layers[i].size);
    if (!l) continue;
    const ck_conv_shape *c = &l->plan.shape;
    const double flops = 2.0 * batch * c->out_channels * c->in_channels * c->kernel_height * c->kernel_width *
                         c->out_height * c->out_width;
    for (int r = 0; r < runs; r++) times[r] = layer_run(l);
    qsort(times, (size_t)runs, sizeof *times, by_value);
    total += times[0] * layers[i].count;
    total_flops += flops * layers[i].count;
    printf("%-16s %4d -> %4d k%d s%d %3d x%d %-9s %7.3f ms (median %7.3f) %6.1f GFLOP/s %4.0f%%\n",
           layers[i].name, c->in_channels, c->out_channels, c->kernel_width, c->stride_x, c->in_width,
           layers[i].count, methods[l->plan.method], times[0] * 1e3, times[runs / 2] * 1e3,
           flops / times[0] / 1e9, 100 * flops / times[0] / top);
    layer_free(l);
  }
  printf("sum of the least times %.3f ms, %.1f GFLOP/s\n", total * 1e3, total_flops / total / 1e9);
  free(times);
  return 0;
}
