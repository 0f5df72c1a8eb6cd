// The register tile: `mr` pixels by the output channels of a panel, summed over the runs of a window. And what
// becomes of its sums.

// The operations after the sums, for one panel of one sample.
struct CK_NAME(q_finish) {
  ck_q_result result;
  char *out;                 // the panel's first output block
  const char *added;         // likewise; NULL: nothing is added
  const float *multiplier;
  ptrdiff_t block;           // elements from an output block to the next
  int lanes[QNB];            // channels of each block that exist; fewer than 16 are stored one by one
  struct CK_NAME(q_bounds) bounds, sum_bounds;
  bool signed_added;
  int added_zero;
  float own, other;
};

// Bytes of `count` pixels of one block; with `adds`, of the sums with other bytes. What does not change stays in
// registers: stores of bytes might change anything that is read through a pointer.
CK_INLINE void CK_NAME(q_finish_bytes)(const bool adds, const bool signed_added, const struct CK_NAME(q_finish) *f,
                                       const int32_t *sums, int block, int count, const ptrdiff_t at[]) {
  const struct CK_NAME(q_bounds) bounds = f->bounds, sum_bounds = f->sum_bounds;
  const qv zero = q_set1(adds ? sum_bounds.zero : bounds.zero), added_zero = q_set1(f->added_zero);
  const qf own = qf_set1(f->own), other = qf_set1(f->other);
  const ptrdiff_t origin = block * f->block;
  const int used = f->lanes[block];
  const float *const multiplier = f->multiplier + block * 16;
  char *const out = f->out + origin;
  const char *const added = adds ? f->added + origin : NULL;
  for (int i = 0; i < count; i++, sums += QNB * 16) {
    char others[16] = {0};
    const char *from = adds ? added + at[i] : others;
    if (adds && used < 16) from = memcpy(others, from, (size_t)used);
    qv y[QCV];
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) {
      y[v] = CK_NAME(q_steps)(q_to_float(q_load(sums + v * QL)) * qf_load(multiplier + v * QL), bounds);
      if (adds) {
        const qf mine = q_to_float(y[v]) * own;
        const qf theirs = q_to_float(q_load_bytes(from + v * QL, signed_added) - added_zero) * other;
        y[v] = CK_NAME(q_steps)(mine + theirs, sum_bounds);
      }
      y[v] += zero;
    }
    if (used == 16) {
      q_store_sixteen(out + at[i], y);
    } else {
      char lanes[16];
      q_store_sixteen(lanes, y);
      memcpy(out + at[i], lanes, (size_t)used);
    }
  }
}

// Sums, or floats, of `count` pixels of one block.
CK_INLINE void CK_NAME(q_finish_words)(const struct CK_NAME(q_finish) *f, const int32_t *sums, int block, int count,
                                       const ptrdiff_t at[]) {
  for (int i = 0; i < count; i++, sums += QNB * 16) {
    int32_t lanes[16];
    int32_t *const out = (int32_t *)(void *)f->out + block * f->block + at[i];
    int32_t *const to = f->lanes[block] == 16 ? out : lanes;
    _Pragma("GCC unroll 4") for (int v = 0; v < QCV; v++) {
      const qv sum = q_load(sums + v * QL);
      q_store(to + v * QL, f->result == CK_Q_SUMS
                               ? sum
                               : (qv)(q_to_float(sum) * qf_load(f->multiplier + block * 16 + v * QL)));
    }
    if (to == lanes) memcpy(out, lanes, (size_t)f->lanes[block] * sizeof *lanes);
  }
}

#if Q_FOURS
#include "fours.h"
#endif

// `count` pixels of one block, whose sums are QNB * 16 apart.
CK_FN void CK_NAME(q_finish_block)(const struct CK_NAME(q_finish) *f, const int32_t *sums, int block, int count,
                                   const ptrdiff_t at[]) {
#if Q_FOURS
  if (CK_NAME(q_finish_fours)(f, sums, block, count, at)) return;
#endif
  if (f->result != CK_Q_BYTES)
    CK_NAME(q_finish_words)(f, sums, block, count, at);
  else if (!f->added)
    CK_NAME(q_finish_bytes)(false, false, f, sums, block, count, at);
  else if (f->signed_added)
    CK_NAME(q_finish_bytes)(true, true, f, sums, block, count, at);
  else
    CK_NAME(q_finish_bytes)(true, false, f, sums, block, count, at);
}

// All tiles of one panel of one sample.
struct CK_NAME(q_sweep) {
  const qe *weights;
  const int32_t *bias;
  const int32_t *runs;       // offset of each run in the window, in elements
  int run_count, groups;
  int blocks;                // output blocks in the panel
  const char *ahead;         // what the next panel needs: with every sixteen channels of a run ...
  int ahead_lines;           // ... so many lines of 64 bytes of it are fetched
#if NARROW_SUMS
  const int32_t *first_extra;   // the first second part of each vector of output channels of the panel
  const int32_t *extra_places;  // of all panels: run, and place in it
  const qe *extra_weights;
#endif
  struct CK_NAME(q_finish) finish;
};

#define CK_Q_STEP(k)                                                                              \
  do {                                                                                            \
    qv b[QNV];                                                                                    \
    _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++)                                          \
        b[v] = q_load((const int32_t *)(const void *)w + ((k) * nv + v) * QL);                    \
    _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) {                                       \
      const qv a = q_broadcast(in[i] + at + (k) * QG);                                            \
      _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) acc[i][v] = q_dot(acc[i][v], a, b[v]); \
    }                                                                                             \
  } while (0)

CK_INLINE void CK_NAME(q_tile)(const int mr, const int blocks, const struct CK_NAME(q_sweep) *s,
                               const qe *const pixels[], const ptrdiff_t out[]) {
  const int nv = blocks * QCV;
  qv acc[QMR][QNV];
  const qe *in[QMR];
  _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) {
    in[i] = pixels[i];
    _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) acc[i][v] = q_load(s->bias + v * QL);
  }
  if (s->finish.added) __builtin_prefetch(s->finish.added + out[0]);
  const qe *w = s->weights;
  const char *ahead = s->ahead;
  const int ahead_lines = s->ahead_lines;
  for (int run = 0; run < s->run_count; run++) {
    ptrdiff_t at = s->runs[run];
    int left = s->groups;
    // Sixteen channels at a time.
    for (; left >= 16 / QG; left -= 16 / QG, at += 16, w += 16 * nv * QL) {
      for (int line = 0; line < ahead_lines; line++, ahead += 64) __builtin_prefetch(ahead, 0, 2);
      CK_Q_STEP(0);
      CK_Q_STEP(1);
      CK_Q_STEP(2);
      CK_Q_STEP(3);
#if QG == 2
      CK_Q_STEP(4);
      CK_Q_STEP(5);
      CK_Q_STEP(6);
      CK_Q_STEP(7);
#endif
    }
    for (; left > 0; left--, at += QG, w += nv * QL * QG) CK_Q_STEP(0);
  }
#if NARROW_SUMS
  _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++)
    for (int extra = s->first_extra[v]; extra < s->first_extra[v + 1]; extra++) {
      const ptrdiff_t at = s->runs[s->extra_places[2 * extra]] + s->extra_places[2 * extra + 1];
      const qv b = q_load((const int32_t *)(const void *)(s->extra_weights + (ptrdiff_t)extra * QL * QG));
      _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) acc[i][v] = q_dot(acc[i][v], q_broadcast(in[i] + at), b);
    }
#endif
  if (s->finish.result == CK_Q_SUMS && s->finish.lanes[blocks - 1] == 16) {
    int32_t *const to = (int32_t *)(void *)s->finish.out;
    _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++)
      _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++)
        q_store(to + v / QCV * s->finish.block + out[i] + v % QCV * QL, acc[i][v]);
    return;
  }
  int32_t sums[QMR][QNB * 16] __attribute__((aligned(64)));
  _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++)
    _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) q_store(sums[i] + v * QL, acc[i][v]);
  for (int block = 0; block < blocks; block++)
    CK_NAME(q_finish_block)(&s->finish, sums[0] + block * 16, block, mr, out);
}

typedef void CK_NAME(q_tile_function)(const struct CK_NAME(q_sweep) *, const qe *const pixels[],
                                      const ptrdiff_t out[]);

#if QMR >= 12
#define CK_Q_TILES(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
#elif QMR >= 4
#define CK_Q_TILES(X) X(1) X(2) X(3) X(4)
#else
#define CK_Q_TILES(X) X(1) X(2) X(3)
#endif

#define CK_Q_DEFINE(mr, blocks)                                                               \
  CK_FN void CK_NAME(q_tile_##mr##_##blocks)(const struct CK_NAME(q_sweep) * s,               \
                                             const qe *const pixels[], const ptrdiff_t out[]) { \
    CK_NAME(q_tile)(mr, blocks, s, pixels, out);                                              \
  }
#define CK_Q_DEFINE_1(mr) CK_Q_DEFINE(mr, 1)
#define CK_Q_ENTRY_1(mr) CK_NAME(q_tile_##mr##_1),
CK_Q_TILES(CK_Q_DEFINE_1)
#if QNB == 2
#define CK_Q_DEFINE_2(mr) CK_Q_DEFINE(mr, 2)
#define CK_Q_ENTRY_2(mr) CK_NAME(q_tile_##mr##_2),
CK_Q_TILES(CK_Q_DEFINE_2)
#endif

// Indexed by [output blocks - 1][pixels].
static CK_NAME(q_tile_function) *const CK_NAME(q_tile_functions)[QNB][QMR + 1] = {
    {NULL, CK_Q_TILES(CK_Q_ENTRY_1)},
#if QNB == 2
    {NULL, CK_Q_TILES(CK_Q_ENTRY_2)},
#endif
};
