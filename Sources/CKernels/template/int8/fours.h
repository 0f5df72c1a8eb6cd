// The bytes of four neighbouring pixels together, for AVX-512: what q_finish_bytes computes, in fewer instructions.
// A sum keeps only its upper bound as a float, for what is too low saturates when four vectors of integers are packed
// into one of bytes; and one instruction then compares 64 bytes with the lower bound.

// The bounds of a result. Signed bytes are computed as unsigned ones that are 128 higher, so `flip` is 0 or 0x80.
struct CK_NAME(q_fours) {
  __m512 high;
  __m512i zero, low, flip;
};

CK_INLINE struct CK_NAME(q_fours) CK_NAME(q_fours_of)(struct CK_NAME(q_bounds) b) {
  const int lowest = (int)b.low + b.zero, up = lowest < 0 ? 128 : 0;
  return (struct CK_NAME(q_fours)){
      .high = _mm512_set1_ps(b.high),
      .zero = _mm512_set1_epi16((short)(b.zero + up)),
      .low = _mm512_set1_epi8((char)(lowest + up)),
      .flip = _mm512_set1_epi8((char)up),
  };
}

// Steps from the zero point. What is below the range of integers, and NaN, becomes the lowest of them.
CK_INLINE __m512i CK_NAME(q_low_steps)(__m512 v, struct CK_NAME(q_fours) b) {
  return _mm512_cvtps_epi32(_mm512_min_ps(b.high, v));
}

// Packing works within each quarter of a vector: it leaves four channels of all pixels side by side.
CK_INLINE __m512i CK_NAME(q_pack_fours)(const __m512i y[4], struct CK_NAME(q_fours) b) {
  const __m512i pixels = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const __m512i first = _mm512_adds_epi16(_mm512_packs_epi32(y[0], y[1]), b.zero);
  const __m512i last = _mm512_adds_epi16(_mm512_packs_epi32(y[2], y[3]), b.zero);
  const __m512i bytes = _mm512_max_epu8(_mm512_packus_epi16(first, last), b.low);
  return _mm512_xor_si512(_mm512_permutexvar_epi32(pixels, bytes), b.flip);
}

CK_INLINE void CK_NAME(q_finish_neighbours)(const bool adds, const bool signed_added,
                                            const struct CK_NAME(q_finish) *f, const int32_t *sums, int block,
                                            int count, ptrdiff_t at) {
  const struct CK_NAME(q_bounds) own_bounds = f->bounds;
  const struct CK_NAME(q_fours) bounds = CK_NAME(q_fours_of)(adds ? f->sum_bounds : own_bounds);
  const __m512 multiplier = _mm512_loadu_ps(f->multiplier + block * 16);
  const __m512 own = _mm512_set1_ps(f->own), other = _mm512_set1_ps(f->other);
  const __m512i added_zero = _mm512_set1_epi32(f->added_zero);
  char *const out = f->out + block * f->block + at;
  const char *const added = adds ? f->added + block * f->block + at : NULL;
  for (int i = 0; i < count; i += 4) {
    __m512i y[4];
    _Pragma("GCC unroll 4") for (int p = 0; p < 4; p++) {
      const int pixel = ck_min(i + p, count - 1);  // in place of one that does not exist, the last
      const __m512i sum = _mm512_loadu_si512(sums + pixel * QNB * 16);
      __m512 v = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), multiplier);
      if (adds) {
        const __m512i others = _mm512_sub_epi32((__m512i)q_load_bytes(added + pixel * 16, signed_added), added_zero);
        const __m512 mine = (__m512)q_to_float(CK_NAME(q_steps)((qf)v, own_bounds));
        v = _mm512_add_ps(_mm512_mul_ps(mine, own), _mm512_mul_ps(_mm512_cvtepi32_ps(others), other));
      }
      y[p] = CK_NAME(q_low_steps)(v, bounds);
    }
    const __mmask16 exist = (__mmask16)(count - i >= 4 ? 0xffff : (1 << 4 * (count - i)) - 1);
    _mm512_mask_storeu_epi32(out + i * 16, exist, CK_NAME(q_pack_fours)(y, bounds));
  }
}

// `count` pixels of one block of 16 channels, whose sums are QNB * 16 apart; false if they are no bytes side by side.
CK_INLINE bool CK_NAME(q_finish_fours)(const struct CK_NAME(q_finish) *f, const int32_t *sums, int block, int count,
                                       const ptrdiff_t at[]) {
  if (f->result != CK_Q_BYTES || f->lanes[block] < 16 || at[count - 1] - at[0] != (count - 1) * 16) return false;
  if (!f->added)
    CK_NAME(q_finish_neighbours)(false, false, f, sums, block, count, at[0]);
  else if (f->signed_added)
    CK_NAME(q_finish_neighbours)(true, true, f, sums, block, count, at[0]);
  else
    CK_NAME(q_finish_neighbours)(true, false, f, sums, block, count, at[0]);
  return true;
}
