// Compile-time facts about the instruction set this build targets, and the few primitives Swift's standard library does
// not offer on every platform. Swift imports the macros as constants, so `if TT_SIMD_WIDTH == 16` folds away.
#ifndef TINY_TENSOR_SHIMS_H
#define TINY_TENSOR_SHIMS_H

#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Floats in one vector register of the target. `-Xcc -DTT_TRY_WIDE_TILES` selects the register tiles of AVX-512 on any machine,
/// slowly, so that they can be tested.
#if defined(__AVX512F__) || defined(TT_TRY_WIDE_TILES)
#define TT_SIMD_WIDTH 16
#elif defined(__AVX__)
#define TT_SIMD_WIDTH 8
#else
#define TT_SIMD_WIDTH 4
#endif

/// 1 where a fused multiply-add is one instruction. Without it Swift's `addingProduct` becomes a library call per lane.
#if defined(__FMA__) || defined(__aarch64__)
#define TT_HAS_FMA 1
#else
#define TT_HAS_FMA 0
#endif

/// 1 where the target has 32 vector registers (AVX-512, AArch64) instead of 16: decides the size of register tiles.
#if defined(__AVX512F__) || defined(__aarch64__)
#define TT_HAS_32_REGISTERS 1
#else
#define TT_HAS_32_REGISTERS 0
#endif

/// Columns of the register tile of a matrix product: two vectors, or the four shorter ones that 32 registers have room for.
#if TT_SIMD_WIDTH == 16
#define TT_TILE_COLUMNS 32
#elif TT_SIMD_WIDTH == 8 || TT_HAS_32_REGISTERS
#define TT_TILE_COLUMNS 16
#else
#define TT_TILE_COLUMNS 8
#endif

#if defined(__AVX2__)
#define TT_HAS_AVX2 1
#else
#define TT_HAS_AVX2 0
#endif

#if defined(__AVX512F__)
#define TT_HAS_AVX512 1
#else
#define TT_HAS_AVX512 0
#endif

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
#define TT_HAS_VNNI 1
#else
#define TT_HAS_VNNI 0
#endif

#if defined(__AVX512BF16__)
#define TT_HAS_BF16 1
#else
#define TT_HAS_BF16 0
#endif

/// 1 where matrix products of bytes multiply four bytes per lane (`tt_dot_bytes`) instead of two (`tt_dot_pairs`).
#if TT_HAS_VNNI || defined(TT_TRY_WIDE_TILES)
#define TT_USE_BYTE_DOT 1
#else
#define TT_USE_BYTE_DOT 0
#endif

/// 1 where matrix products of bfloat16 multiply pairs (`tt_dot_bfloat16`) instead of numbers widened to float.
#if TT_HAS_BF16 || defined(TT_TRY_WIDE_TILES)
#define TT_USE_BF16_DOT 1
#else
#define TT_USE_BF16_DOT 0
#endif

#if defined(__F16C__) || defined(__aarch64__)
#define TT_HAS_F16 1
#else
#define TT_HAS_F16 0
#endif

#define TT_INLINE static inline __attribute__((always_inline))

// Dot products of neighbouring narrow numbers, which no SIMD type of Swift expresses. Swift sees a row as `SIMD32`, `SIMD16` or
// `SIMD8`. The plain-C forms serve every other target and the tests of tiles that the machine does not have.

/// One row of a register tile: sums, or words of two 16-bit or four 8-bit integers.
typedef int32_t tt_int32_row __attribute__((ext_vector_type(TT_TILE_COLUMNS)));
/// One row of a register tile: sums, or words of two bfloat16 numbers (the first in the lower half).
typedef float tt_float_row __attribute__((ext_vector_type(TT_TILE_COLUMNS)));

/// Adds to every lane the products of two signed 16-bit integers; exact as long as the sum fits.
TT_INLINE tt_int32_row tt_dot_pairs(tt_int32_row sum, tt_int32_row a, tt_int32_row b) {
#if defined(__AVX512BW__)
  sum.lo += (__typeof__(sum.lo))_mm512_madd_epi16((__m512i)a.lo, (__m512i)b.lo);
  sum.hi += (__typeof__(sum.hi))_mm512_madd_epi16((__m512i)a.hi, (__m512i)b.hi);
#elif defined(__AVX2__) && TT_TILE_COLUMNS == 16
  sum.lo += (__typeof__(sum.lo))_mm256_madd_epi16((__m256i)a.lo, (__m256i)b.lo);
  sum.hi += (__typeof__(sum.hi))_mm256_madd_epi16((__m256i)a.hi, (__m256i)b.hi);
#elif defined(__SSE2__) && TT_TILE_COLUMNS == 8
  sum.lo += (__typeof__(sum.lo))_mm_madd_epi16((__m128i)a.lo, (__m128i)b.lo);
  sum.hi += (__typeof__(sum.hi))_mm_madd_epi16((__m128i)a.hi, (__m128i)b.hi);
#else
  sum += ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
  return sum;
}

/// Adds to every lane the products of four unsigned bytes of `a` with four signed bytes of `b`; exact modulo 2^32.
TT_INLINE tt_int32_row tt_dot_bytes(tt_int32_row sum, tt_int32_row a, tt_int32_row b) {
#if defined(__AVX512VNNI__)
  sum.lo = (__typeof__(sum.lo))_mm512_dpbusd_epi32((__m512i)sum.lo, (__m512i)a.lo, (__m512i)b.lo);
  sum.hi = (__typeof__(sum.hi))_mm512_dpbusd_epi32((__m512i)sum.hi, (__m512i)a.hi, (__m512i)b.hi);
#elif defined(__AVXVNNI__) && TT_TILE_COLUMNS == 16
  sum.lo = (__typeof__(sum.lo))_mm256_dpbusd_avx_epi32((__m256i)sum.lo, (__m256i)a.lo, (__m256i)b.lo);
  sum.hi = (__typeof__(sum.hi))_mm256_dpbusd_avx_epi32((__m256i)sum.hi, (__m256i)a.hi, (__m256i)b.hi);
#else
  for (int shift = 0; shift < 32; shift += 8) sum += ((a >> shift) & 255) * ((b << (24 - shift)) >> 24);
#endif
  return sum;
}

/// Adds to every lane the products of two bfloat16 numbers.
TT_INLINE tt_float_row tt_dot_bfloat16(tt_float_row sum, tt_float_row a, tt_float_row b) {
#if defined(__AVX512BF16__)
  sum.lo = (__typeof__(sum.lo))_mm512_dpbf16_ps((__m512)sum.lo, (__m512bh)a.lo, (__m512bh)b.lo);
  sum.hi = (__typeof__(sum.hi))_mm512_dpbf16_ps((__m512)sum.hi, (__m512bh)a.hi, (__m512bh)b.hi);
  return sum;
#else
  tt_int32_row x = (tt_int32_row)a, y = (tt_int32_row)b;
  sum += (tt_float_row)(x << 16) * (tt_float_row)(y << 16);
  return sum + (tt_float_row)(x & (int32_t)0xffff0000) * (tt_float_row)(y & (int32_t)0xffff0000);
#endif
}

/// Eight floats, `SIMD8<Float>` in Swift.
typedef float tt_float_vector __attribute__((ext_vector_type(8)));

/// `sum + a * b`, fused where the target has the instruction. Swift's `addingProduct` is eight scalar calls, which the optimiser
/// puts together again in most places, but not among the constants of Winograd's transforms.
TT_INLINE tt_float_vector tt_multiply_add(tt_float_vector sum, tt_float_vector a, tt_float_vector b) {
#if TT_HAS_FMA
  return __builtin_elementwise_fma(a, b, sum);
#else
  return sum + a * b;
#endif
}

// Atomics on plain 64-bit words.

TT_INLINE int64_t tt_load_acquire(const int64_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
TT_INLINE int64_t tt_load_ordered(const int64_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
TT_INLINE void tt_store_release(int64_t *_Nonnull word, int64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
/// Adds and returns the value from before.
TT_INLINE int64_t tt_fetch_add(int64_t *_Nonnull word, int64_t delta) {
  return __atomic_fetch_add(word, delta, __ATOMIC_SEQ_CST);
}
/// Stores 1 and returns the value from before: 0 means the caller now holds the flag.
TT_INLINE int64_t tt_test_and_set(int64_t *_Nonnull word) { return __atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE); }

/// Asks for a cache line that will be needed soon.
TT_INLINE void tt_prefetch(const void *_Nonnull pointer) { __builtin_prefetch(pointer); }

/// Tells the core that this is a spin-wait.
TT_INLINE void tt_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Whether the calling thread is executing a `parallelFor` body.
int32_t tt_is_inside_parallel(void);
void tt_set_inside_parallel(int32_t inside);

/// Asks the kernel to back a large buffer by huge pages; a hint that may be ignored.
void tt_advise_huge_pages(void *_Nonnull pointer, uint64_t bytes);

#endif
