// Compile-time facts about the instruction set this build targets, and the few primitives Swift's standard library does
// not offer on every platform. Swift imports the macros as constants, so `if TT_SIMD_WIDTH == 16` folds away.
#ifndef TINY_TENSOR_SHIMS_H
#define TINY_TENSOR_SHIMS_H

#include <stdint.h>

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

#if defined(__F16C__) || defined(__aarch64__)
#define TT_HAS_F16 1
#else
#define TT_HAS_F16 0
#endif

#define TT_INLINE static inline __attribute__((always_inline))

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
