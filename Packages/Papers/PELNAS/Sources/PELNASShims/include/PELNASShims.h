// What boosted trees need on 32 rows at a time and Swift's SIMD types cannot express, or only lane by lane.
#ifndef PELNAS_SHIMS_H
#define PELNAS_SHIMS_H

#include <stdint.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define PN_INLINE static inline __attribute__((always_inline))

/// 32 bytes, `SIMD32<Int8>` in Swift.
typedef int8_t pn_bytes __attribute__((ext_vector_type(32)));

/// For each of 32 rows: `right` where its bin exceeds the last one that goes left, else `left`.
PN_INLINE pn_bytes pn_choose(const int8_t *_Nonnull bins, int8_t last_left, pn_bytes left, pn_bytes right) {
  pn_bytes row;
  memcpy(&row, bins, sizeof row);
  return row > last_left ? right : left;
}

/// Where the sum of a row lies among the 32 of its block: the order in which interleaving bytes within 128-bit lanes leaves them.
PN_INLINE int32_t pn_place(int32_t row) { return row % 16 / 4 * 8 + row / 16 * 4 + row % 4; }

/// Adds `table[index]` to the sum of each of 32 rows, for indices below 32.
///
/// The table's floats come as four planes of 32 bytes, lowest bytes first, so that a byte shuffle looks up 32 rows at once; the bytes
/// of a row are then put together again. No float is rounded on the way.
PN_INLINE void pn_add_looked_up(pn_bytes index, const uint8_t *_Nonnull planes, float *_Nonnull sums) {
#if defined(__AVX2__)
  const __m256i indices = (__m256i)index;
  const __m256i is_upper = _mm256_slli_epi16(indices, 3);  // bit 4 of each index to its sign
  __m256i bytes[4];
  for (int plane = 0; plane < 4; ++plane) {
    const __m128i *halves = (const __m128i *)(planes + 32 * plane);
    const __m256i lower = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves));
    const __m256i upper = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves + 1));
    bytes[plane] = _mm256_blendv_epi8(
        _mm256_shuffle_epi8(lower, indices), _mm256_shuffle_epi8(upper, indices), is_upper);
  }
  for (int half = 0; half < 2; ++half) {
    const __m256i low = half ? _mm256_unpackhi_epi8(bytes[0], bytes[1]) : _mm256_unpacklo_epi8(bytes[0], bytes[1]);
    const __m256i high = half ? _mm256_unpackhi_epi8(bytes[2], bytes[3]) : _mm256_unpacklo_epi8(bytes[2], bytes[3]);
    float *target = sums + 16 * half;
    _mm256_storeu_ps(
        target, _mm256_add_ps(_mm256_loadu_ps(target), _mm256_castsi256_ps(_mm256_unpacklo_epi16(low, high))));
    _mm256_storeu_ps(
        target + 8,
        _mm256_add_ps(_mm256_loadu_ps(target + 8), _mm256_castsi256_ps(_mm256_unpackhi_epi16(low, high))));
  }
#else
  for (int32_t row = 0; row < 32; ++row) {
    uint32_t bits = 0;
    for (int plane = 3; plane >= 0; --plane) bits = bits << 8 | planes[32 * plane + index[row]];
    float value;
    memcpy(&value, &bits, sizeof value);
    sums[pn_place(row)] += value;
  }
#endif
}

#endif
