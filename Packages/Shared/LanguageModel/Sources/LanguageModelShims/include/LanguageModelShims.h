// The few vector instructions of the integer kernels that Swift's SIMD types cannot express. Each has a path for the
// instruction sets it knows, chosen at compile time, and a portable one that computes the same integers.
#ifndef LANGUAGE_MODEL_SHIMS_H
#define LANGUAGE_MODEL_SHIMS_H

#include <stdint.h>
#include <string.h>

#define LM_INLINE static inline __attribute__((always_inline))

/// 1 where a fused multiply-add is one instruction. Without it Swift's `addingProduct` becomes a library call per lane.
#if defined(__FMA__) || defined(__aarch64__)
#define LM_HAS_FMA 1
#else
#define LM_HAS_FMA 0
#endif

typedef uint8_t lm_u8x32 __attribute__((ext_vector_type(32)));
typedef int8_t lm_i8x32 __attribute__((ext_vector_type(32)));
typedef int8_t lm_i8x8 __attribute__((ext_vector_type(8)));
typedef int16_t lm_i16x16 __attribute__((ext_vector_type(16)));
typedef uint16_t lm_u16x8 __attribute__((ext_vector_type(8)));
typedef int32_t lm_i32x8 __attribute__((ext_vector_type(8)));
typedef uint32_t lm_u32x8 __attribute__((ext_vector_type(8)));
typedef float lm_f32x8 __attribute__((ext_vector_type(8)));

// A running sum over one block of 32 products per row, 8 rows: with VNNI four products go straight into a 32-bit lane.
// With AVX2 pairs are summed into 16-bit lanes: 8 steps x 2 products x 15 x 127 = 30 480 cannot overflow for nibbles.
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define LM_HAS_DOT4 1
typedef lm_i32x8 lm_block_sum;
#else
#define LM_HAS_DOT4 0
typedef lm_i16x16 lm_block_sum;
#endif

#if defined(__AVX2__)
typedef char lm_native_i8x32 __attribute__((vector_size(32)));
typedef short lm_native_i16x16 __attribute__((vector_size(32)));
typedef int lm_native_i32x8 __attribute__((vector_size(32)));
#endif

/// Pairwise `a[2i] b[2i] + a[2i+1] b[2i+1]` in 16 bits. The sums must fit: saturation is not promised.
LM_INLINE lm_i16x16 lm_multiply_add_pairs(lm_u8x32 a, lm_i8x32 b) {
#if defined(__AVX2__)
  return (lm_i16x16)__builtin_ia32_pmaddubsw256((lm_native_i8x32)a, (lm_native_i8x32)b);
#else
  lm_i16x16 sum;
  for (int i = 0; i < 16; ++i) sum[i] = (int16_t)(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]);
  return sum;
#endif
}

/// Sums of adjacent 16-bit lanes in 32 bits.
LM_INLINE lm_i32x8 lm_add_pairs(lm_i16x16 a) {
#if defined(__AVX2__)
  const lm_i16x16 ones = 1;
  return (lm_i32x8)__builtin_ia32_pmaddwd256((lm_native_i16x16)a, (lm_native_i16x16)ones);
#else
  lm_i32x8 sum;
  for (int i = 0; i < 8; ++i) sum[i] = a[2 * i] + a[2 * i + 1];
  return sum;
#endif
}

// Keeps a running sum in its register from one step to the next. Left alone, the compiler turns the sums of a block into trees,
// which need all of its weights at a time: more than there are registers.
#if defined(__AVX2__)
#define LM_KEEP_ORDER(sum) __asm__("" : "+x"(sum))
#else
#define LM_KEEP_ORDER(sum) ((void)0)
#endif

/// Adds the four products of every 32-bit lane, `weights` at most 15, to the running sum of a block.
LM_INLINE lm_block_sum lm_block_add(lm_block_sum sum, lm_u8x32 weights, lm_i8x32 activations) {
#if LM_HAS_DOT4
  return (lm_i32x8)__builtin_ia32_vpdpbusd256((lm_native_i32x8)sum, (lm_native_i32x8)weights,
                                              (lm_native_i32x8)activations);
#else
  sum += lm_multiply_add_pairs(weights, activations);
  LM_KEEP_ORDER(sum);
  return sum;
#endif
}

/// The eight row sums of a block.
LM_INLINE lm_i32x8 lm_block_total(lm_block_sum sum) {
#if LM_HAS_DOT4
  return sum;
#else
  return lm_add_pairs(sum);
#endif
}

/// `sum` + the four products of every 32-bit lane for signed weights (not -128).
LM_INLINE lm_i32x8 lm_signed_dot(lm_i32x8 sum, lm_i8x32 weights, lm_i8x32 activations) {
#if defined(__AVX2__)
  const lm_u8x32 magnitudes = (lm_u8x32)__builtin_elementwise_abs(weights);
  const lm_i8x32 signedActivations =
      (lm_i8x32)__builtin_ia32_psignb256((lm_native_i8x32)activations, (lm_native_i8x32)weights);
#if LM_HAS_DOT4
  return (lm_i32x8)__builtin_ia32_vpdpbusd256((lm_native_i32x8)sum, (lm_native_i32x8)magnitudes,
                                              (lm_native_i32x8)signedActivations);
#else
  sum += lm_add_pairs(lm_multiply_add_pairs(magnitudes, signedActivations));
  LM_KEEP_ORDER(sum);
  return sum;
#endif
#else
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 4; ++j) sum[i] += weights[4 * i + j] * activations[4 * i + j];
  return sum;
#endif
}

/// Four activations, copied into all eight 32-bit lanes.
LM_INLINE lm_i8x32 lm_broadcast4(const int8_t *_Nonnull pointer) {
  uint32_t word;
  memcpy(&word, pointer, 4);
  const lm_u32x8 words = word;
  return (lm_i8x32)words;
}

LM_INLINE lm_u8x32 lm_load_bytes(const uint8_t *_Nonnull pointer) {
  lm_u8x32 value;
  memcpy(&value, pointer, sizeof value);
  return value;
}

LM_INLINE lm_i8x32 lm_as_signed(lm_u8x32 bytes) { return (lm_i8x32)bytes; }
LM_INLINE lm_u8x32 lm_low_nibbles(lm_u8x32 bytes) { return bytes & (lm_u8x32)15; }
LM_INLINE lm_u8x32 lm_high_nibbles(lm_u8x32 bytes) { return bytes >> (lm_u8x32)4; }

LM_INLINE lm_f32x8 lm_to_float(lm_i32x8 value) { return __builtin_convertvector(value, lm_f32x8); }

/// Byte `index` of every 32-bit lane, as a float: unsigned or two's complement.
LM_INLINE lm_f32x8 lm_unsigned_byte(lm_u8x32 bytes, int32_t index) {
  const lm_u32x8 words = ((lm_u32x8)bytes >> (lm_u32x8)(uint32_t)(8 * index)) & (lm_u32x8)255;
  return __builtin_convertvector((lm_i32x8)words, lm_f32x8);
}
LM_INLINE lm_f32x8 lm_signed_byte(lm_u8x32 bytes, int32_t index) {
  const lm_i32x8 words = (lm_i32x8)((lm_u32x8)bytes << (lm_u32x8)(uint32_t)(24 - 8 * index)) >> (lm_i32x8)24;
  return __builtin_convertvector(words, lm_f32x8);
}

/// Round to nearest, ties to even, to 8 bits. The values must fit.
LM_INLINE lm_i8x8 lm_round_to_bytes(lm_f32x8 value) {
  const lm_i32x8 whole = __builtin_convertvector(__builtin_elementwise_roundeven(value), lm_i32x8);
  return __builtin_convertvector(whole, lm_i8x8);
}

/// Round to nearest, ties to even, to 32-bit integers, as used to split an exponent.
LM_INLINE lm_i32x8 lm_round_to_int(lm_f32x8 value) {
  return __builtin_convertvector(__builtin_elementwise_roundeven(value), lm_i32x8);
}

/// IEEE binary16 -> float, exact.
LM_INLINE lm_f32x8 lm_half_to_float(lm_u16x8 bits) {
#if defined(__F16C__)
  typedef _Float16 half8 __attribute__((ext_vector_type(8)));
  half8 halves;
  memcpy(&halves, &bits, sizeof halves);
  return __builtin_convertvector(halves, lm_f32x8);
#else
  const lm_u32x8 wide = __builtin_convertvector(bits, lm_u32x8);
  const lm_u32x8 magnitude = wide & 0x7fff;
  const lm_u32x8 shifted = magnitude << 13;
  lm_f32x8 scaled;
  memcpy(&scaled, &shifted, sizeof scaled);
  scaled *= 0x1p112f;
  lm_u32x8 result;
  memcpy(&result, &scaled, sizeof result);
  result |= (lm_u32x8)(magnitude >= 0x7c00) & 0x7f800000;
  result |= (wide & 0x8000) << 16;
  lm_f32x8 value;
  memcpy(&value, &result, sizeof value);
  return value;
#endif
}

/// float -> IEEE binary16, to nearest, ties to even.
LM_INLINE lm_u16x8 lm_float_to_half(lm_f32x8 value) {
#if defined(__F16C__)
  typedef _Float16 half8 __attribute__((ext_vector_type(8)));
  const half8 halves = __builtin_convertvector(value, half8);
  lm_u16x8 bits;
  memcpy(&bits, &halves, sizeof bits);
  return bits;
#else
  lm_u16x8 bits;
  for (int i = 0; i < 8; ++i) {
    uint32_t word;
    memcpy(&word, (const char *)&value + 4 * i, 4);
    const uint16_t sign = (uint16_t)(word >> 16) & 0x8000;
    const uint32_t magnitude = word & 0x7fffffff;
    uint16_t half;
    if (magnitude > 0x7f800000) {
      half = 0x7e00;
    } else if (magnitude >= 0x477ff000) {
      half = 0x7c00;
    } else if (magnitude < 0x38800000) {
      float aligned;
      memcpy(&aligned, &magnitude, 4);
      aligned += 0.5f;
      memcpy(&word, &aligned, 4);
      half = (uint16_t)(word - 0x3f000000);
    } else {
      half = (uint16_t)((magnitude + 0xfff + ((magnitude >> 13) & 1) - 0x38000000) >> 13);
    }
    bits[i] = sign | half;
  }
  return bits;
#endif
}

/// bfloat16 <-> float.
LM_INLINE lm_f32x8 lm_bfloat_to_float(lm_u16x8 bits) {
  return (lm_f32x8)(__builtin_convertvector(bits, lm_u32x8) << 16);
}
LM_INLINE lm_u16x8 lm_float_to_bfloat(lm_f32x8 value) {
  const lm_u32x8 word = (lm_u32x8)value;
  return __builtin_convertvector((word + 0x7fff + ((word >> 16) & 1)) >> 16, lm_u16x8);
}

/// Asks the core to fetch a cache line for reading. Any address will do, also one that is not mapped.
LM_INLINE void lm_prefetch(const void *_Nonnull pointer) { __builtin_prefetch(pointer, 0, 3); }

#endif
