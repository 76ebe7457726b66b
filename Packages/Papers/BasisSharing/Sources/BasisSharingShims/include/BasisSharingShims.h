// A compile-time fact about the instruction set this build targets; Swift imports the macro as a constant, so that `if` folds away.
#ifndef BASIS_SHARING_SHIMS_H
#define BASIS_SHARING_SHIMS_H

/// 1 where a fused multiply-add is one instruction. Without it Swift's `addingProduct` becomes a library call per lane.
#if defined(__FMA__) || defined(__aarch64__)
#define BS_HAS_FMA 1
#else
#define BS_HAS_FMA 0
#endif

#endif
