import Foundation
import TinyTensorShims

/// What the build was compiled for, what the processor offers, and what the machine measurably does.
public enum MachineProbe {
  /// The processor's name, "unknown" where the system does not tell.
  public static var cpuName: String { CPUInfo.current.name }

  /// The number of cores in use.
  public static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Floats per vector register of this build: 16 (AVX-512), 8 (AVX), 4 (SSE, NEON).
  public static var simdWidth: Int { Int(TT_SIMD_WIDTH) }

  /// Output channels that the convolution kernels compute together: a width in between costs as much as the next multiple. (Up to
  /// eight channels there may be a narrower tile.)
  public static var channelTile: Int { KernelChoice.panelWidth(targets: 16) }

  /// The instruction-set features this build was compiled to use.
  public static var compiledFeatures: [String] {
    [
      (TT_HAS_AVX2, "avx2"), (TT_HAS_FMA, "fma"), (TT_HAS_F16, "f16c"), (TT_HAS_AVX512, "avx512f"),
      (TT_HAS_VNNI, "vnni"), (TT_HAS_BF16, "bf16"),
    ].compactMap { $0.0 == 1 ? $0.1 : nil }
  }

  /// The same features as far as the processor has them.
  public static var availableFeatures: [String] { CPUInfo.current.features }

  /// Features that the processor has and this build does not use; not empty means: build with `-Xcc -march=native`.
  public static var unusedFeatures: [String] { availableFeatures.filter { !compiledFeatures.contains($0) } }

  /// Fused multiply-add rate of one core in GFLOP/s, from a loop that touches registers only; best of several runs.
  public static func peakGigaflops() -> Double { peak(.float32) }

  /// 10⁹ operations per second (a multiply-add counts as two) that `threads` cores reach together with one kind of product, in a
  /// loop that touches registers only, with the instructions that this build's matrix products use; best of several runs.
  public static func peak(_ kind: ProductKind, threads: Int = 1) -> Double {
    precondition(threads > 0, "a peak needs at least one thread")
    return ProbeKernel.peak(kind, threads: threads)
  }

  /// GB/s that `threads` cores together read, each repeatedly from `workingSet` bytes of its own: the bandwidth of the smallest
  /// cache that holds them, or of memory; best of several runs.
  public static func readBandwidth(workingSet bytes: Int, threads: Int = 1) -> Double {
    precondition(threads > 0 && bytes > 0, "a bandwidth needs at least one thread and one byte")
    return ProbeKernel.readBandwidth(workingSet: bytes, threads: threads)
  }

  /// Memory bandwidth in GB/s with all threads: bytes read and written by a large copy; best of several runs.
  public static func memoryBandwidth() -> Double { ProbeKernel.memoryBandwidth() }

  /// Time of one `parallelFor` call with an empty body on all threads, in microseconds; best of several runs.
  public static func parallelOverhead() -> Double { ProbeKernel.parallelOverhead() }
}
