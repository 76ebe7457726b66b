import TinyTensorShims

/// What this build may use, as constants that the optimiser folds.
enum BuildTarget {
  /// Floats per vector register.
  @inline(__always) static var simdWidth: Int { Int(TT_SIMD_WIDTH) }
  /// Whether multiply-add is one instruction.
  @inline(__always) static var hasFMA: Bool { TT_HAS_FMA == 1 }
  /// Whether there are 32 vector registers instead of 16.
  @inline(__always) static var has32Registers: Bool { TT_HAS_32_REGISTERS == 1 }
  /// Whether products of bytes use four of them per lane.
  @inline(__always) static var usesByteDot: Bool { TT_USE_BYTE_DOT == 1 }
  /// Whether products of bfloat16 use two of them per lane.
  @inline(__always) static var usesBFloat16Dot: Bool { TT_USE_BF16_DOT == 1 }
}
