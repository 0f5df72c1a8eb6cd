// The register tile: `mr` pixels by `nv` vectors of output channels, summed over a range of input
// channel blocks and all kernel taps. Every matrix product of the library runs through it.

// The addressing of a tile's pixels: 16 floats apart with a 1x1 kernel, 16 floats apart with any kernel, by a
// pointer each, by a pointer each with taps that may be missing.
enum { CK_LINE, CK_ROW, CK_POINTERS, CK_EDGE };

// The values shared by all tiles of one weight panel and one range of input blocks.
struct CK_NAME(reduction) {
  ptrdiff_t in_block, in_row, in_col;  // floats to the next channel block, dilated row, dilated column
  int blocks, last_lanes;              // input blocks; channels used of the last one, to a multiple of 4
  int kernel_h, kernel_w;
};

struct CK_NAME(tile) {
  const float *in[MR];           // first tap of each pixel (CK_LINE, CK_ROW: of the first only)
  ptrdiff_t out[MR];             // offset of each pixel in an output block (likewise)
  int count;                     // pixels: mr, or a multiple of it where they all follow each other
  const uint16_t *rows, *cols;   // CK_EDGE: a bit a pixel, set where the tap's row (column) exists
};

struct CK_NAME(finish) {
  float *out;
  const float *add;              // added after the scale; NULL: nothing. Same offsets as out
  const float *bias;             // where the sums start
  const float *scale;            // NULL: none
  ptrdiff_t out_block, add_block;
  float low, high;               // infinite: not clamped
};

static const float CK_NAME(zeros)[16 * NB] __attribute__((aligned(64))) = {0};

// One input channel: `mr` broadcasts and `nv` weight vectors. The fewer of the two stay in registers.
#define CK_INPUT(i, k) \
  v_set1((mode <= CK_ROW ? in[0] + (i) * 16 : in[i])[offset + (k)])
#define CK_STEP(k)                                                                              \
  do {                                                                                          \
    if (mr < nv) {                                                                              \
      vf a[MR];                                                                                 \
      _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) a[i] = CK_INPUT(i, k);              \
      _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) {                                    \
        const vf b = v_load(w + ((k) * nv + v) * VL);                                           \
        _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) acc[i][v] = v_fma(a[i], b, acc[i][v]); \
      }                                                                                         \
    } else {                                                                                    \
      vf b[NV];                                                                                 \
      _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) b[v] = v_load(w + ((k) * nv + v) * VL); \
      _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) {                                   \
        const vf a = CK_INPUT(i, k);                                                            \
        _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++) acc[i][v] = v_fma(a, b[v], acc[i][v]); \
      }                                                                                         \
    }                                                                                           \
  } while (0)

// The address of a tile's pixels in the output.
#define CK_OUT(i) (mode <= CK_ROW ? t->out[0] + done + (i) * 16 : t->out[i])
#define CK_EACH_SUM                                  \
  _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++) \
    _Pragma("GCC unroll 8") for (int v = 0; v < nv; v++)

// Scale, sum, clamp and store, over the names of the functions that use it.
#define CK_FINISH                                                                            \
  do {                                                                                       \
    if (f->scale) CK_EACH_SUM acc[i][v] *= v_load(f->scale + v * VL);                        \
    if (f->add)                                                                              \
      CK_EACH_SUM acc[i][v] += v_load(f->add + CK_OUT(i) + v / CV * f->add_block + v % CV * VL); \
    if (f->low > -INFINITY) CK_EACH_SUM acc[i][v] = v_max(v_set1(f->low), acc[i][v]);        \
    if (f->high < INFINITY) CK_EACH_SUM acc[i][v] = v_min(v_set1(f->high), acc[i][v]);       \
    CK_EACH_SUM v_store(f->out + CK_OUT(i) + v / CV * f->out_block + v % CV * VL, acc[i][v]); \
  } while (0)

CK_INLINE void CK_NAME(tile_run)(const int mr, const int nv, const int mode, const float *panel,
                                 const struct CK_NAME(reduction) *r,
                                 const struct CK_NAME(tile) *t, const struct CK_NAME(finish) *f) {
  const int kernel_h = mode == CK_LINE ? 1 : r->kernel_h, kernel_w = mode == CK_LINE ? 1 : r->kernel_w;
  const int pointers = mode <= CK_ROW ? 1 : mr;
  for (ptrdiff_t done = 0; done < t->count * 16; done += mr * 16) {
    const float *w = panel;
    vf acc[MR][NV];
    CK_EACH_SUM acc[i][v] = v_load(f->bias + v * VL);

    ptrdiff_t block_offset = done;
    for (int block = 0; block < r->blocks; block++, block_offset += r->in_block) {
      const bool whole = block + 1 < r->blocks || r->last_lanes == 16;
      ptrdiff_t row_offset = block_offset;
      for (int ky = 0; ky < kernel_h; ky++, row_offset += r->in_row) {
        ptrdiff_t tap_offset = row_offset;
        for (int kx = 0; kx < kernel_w; kx++, tap_offset += r->in_col, w += 16 * nv * VL) {
          ptrdiff_t offset = tap_offset;
          const float *in[MR];
          _Pragma("GCC unroll 16") for (int i = 0; i < pointers; i++) in[i] = t->in[i];
          if (mode == CK_EDGE) {
            const unsigned valid = t->rows[ky] & t->cols[kx];
            if (valid == 0) continue;
            if (valid != (1u << mr) - 1) {
              _Pragma("GCC unroll 16") for (int i = 0; i < mr; i++)
                in[i] = valid >> i & 1 ? in[i] + offset : CK_NAME(zeros);
              offset = 0;
            }
          }
          if (whole && STEPS == 16) {
            CK_STEP(0); CK_STEP(1); CK_STEP(2); CK_STEP(3);
            CK_STEP(4); CK_STEP(5); CK_STEP(6); CK_STEP(7);
            CK_STEP(8); CK_STEP(9); CK_STEP(10); CK_STEP(11);
            CK_STEP(12); CK_STEP(13); CK_STEP(14); CK_STEP(15);
          } else {
            const int lanes = whole ? 16 : r->last_lanes;
            for (int k = 0; k < lanes; k += 4) {
              CK_STEP(k); CK_STEP(k + 1); CK_STEP(k + 2); CK_STEP(k + 3);
            }
          }
        }
      }
    }
    CK_FINISH;
  }
}
typedef void CK_NAME(tile_function)(const float *, const struct CK_NAME(reduction) *,
                                    const struct CK_NAME(tile) *, const struct CK_NAME(finish) *);

#if MR >= 14
#define CK_ROW_TILES(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#define CK_POINTER_TILES(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#elif MR >= 6
#define CK_ROW_TILES(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define CK_POINTER_TILES(X) CK_ROW_TILES(X)
#else
#define CK_ROW_TILES(X) X(1) X(2) X(3)
#define CK_POINTER_TILES(X) CK_ROW_TILES(X)
#endif

#define CK_DEFINE(mode, mr, blocks)                                                          \
  CK_FN void CK_NAME(mode##_##mr##_##blocks)(                                                \
      const float *w, const struct CK_NAME(reduction) *r, const struct CK_NAME(tile) *t,     \
      const struct CK_NAME(finish) *f) {                                                     \
    CK_NAME(tile_run)(mr, blocks * CV, mode, w, r, t, f);                                    \
  }
#define CK_DEFINE_ROW_1(mr) \
  CK_DEFINE(CK_LINE, mr, 1) CK_DEFINE(CK_ROW, mr, 1)
#define CK_LINE_1(mr) CK_NAME(CK_LINE_##mr##_1),
#define CK_DEFINE_POINTER_1(mr) CK_DEFINE(CK_POINTERS, mr, 1) CK_DEFINE(CK_EDGE, mr, 1)
#define CK_ROW_1(mr) CK_NAME(CK_ROW_##mr##_1),
#define CK_POINTERS_1(mr) CK_NAME(CK_POINTERS_##mr##_1),
#define CK_EDGE_1(mr) CK_NAME(CK_EDGE_##mr##_1),
CK_ROW_TILES(CK_DEFINE_ROW_1)
CK_POINTER_TILES(CK_DEFINE_POINTER_1)
#if NB == 2
#define CK_DEFINE_ROW_2(mr) \
  CK_DEFINE(CK_LINE, mr, 2) CK_DEFINE(CK_ROW, mr, 2)
#define CK_LINE_2(mr) CK_NAME(CK_LINE_##mr##_2),
#define CK_DEFINE_POINTER_2(mr) CK_DEFINE(CK_POINTERS, mr, 2) CK_DEFINE(CK_EDGE, mr, 2)
#define CK_ROW_2(mr) CK_NAME(CK_ROW_##mr##_2),
#define CK_POINTERS_2(mr) CK_NAME(CK_POINTERS_##mr##_2),
#define CK_EDGE_2(mr) CK_NAME(CK_EDGE_##mr##_2),
CK_ROW_TILES(CK_DEFINE_ROW_2)
CK_POINTER_TILES(CK_DEFINE_POINTER_2)
#endif

// Indexed by [output blocks - 1][mode][pixels].
static CK_NAME(tile_function) *const CK_NAME(tile_functions)[NB][4][MR + 1] = {
    {{NULL, CK_ROW_TILES(CK_LINE_1)},
     {NULL, CK_ROW_TILES(CK_ROW_1)},
     {NULL, CK_POINTER_TILES(CK_POINTERS_1)},
     {NULL, CK_POINTER_TILES(CK_EDGE_1)}},
#if NB == 2
    {{NULL, CK_ROW_TILES(CK_LINE_2)},
     {NULL, CK_ROW_TILES(CK_ROW_2)},
     {NULL, CK_POINTER_TILES(CK_POINTERS_2)},
     {NULL, CK_POINTER_TILES(CK_EDGE_2)}},
#endif
};
