import Foundation

/// Measurements of the machine's limits.
enum ProbeKernel {
  static func peakGigaflops() -> Double {
    if BuildTarget.simdWidth == 16 { return bestPeak(SIMD16<Float>.self) }
    if BuildTarget.simdWidth == 8 { return bestPeak(SIMD8<Float>.self) }
    return bestPeak(SIMD4<Float>.self)
  }

  @inline(__always)
  private static func bestPeak<V: SIMD>(_ type: V.Type) -> Double where V.Scalar == Float {
    var best = 0.0
    let steps = 1_000_000
    for _ in 0..<7 {
      let start = DispatchTime.now().uptimeNanoseconds
      let sink = chain(type, steps: steps)
      let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start)
      if sink.isFinite { best = max(best, Double(steps * 10 * V.scalarCount * 2) / elapsed) }
    }
    return best
  }

  /// Ten independent chains cover the latency of the multiply-add units.
  @inline(__always)
  private static func chain<V: SIMD>(_ type: V.Type, steps: Int) -> Float where V.Scalar == Float {
    withScratch(Float.self, count: 12 * V.scalarCount) { seeds in
      // From memory, so that the optimiser cannot see that lanes and chains start alike.
      for index in 0..<12 * V.scalarCount { seeds[index] = index < 10 * V.scalarCount ? Float(index) : 0.5 }
      let (a, b): (V, V) = (loadRow(seeds + 10 * V.scalarCount), loadRow(seeds + 11 * V.scalarCount))
      var (c0, c1, c2): (V, V, V) = (load(seeds, 0), load(seeds, 1), load(seeds, 2))
      var (c3, c4, c5): (V, V, V) = (load(seeds, 3), load(seeds, 4), load(seeds, 5))
      var (c6, c7, c8, c9): (V, V, V, V) = (load(seeds, 6), load(seeds, 7), load(seeds, 8), load(seeds, 9))
      for _ in 0..<steps {
        c0 = multiplyAdd(b, c0, a)
        c1 = multiplyAdd(b, c1, a)
        c2 = multiplyAdd(b, c2, a)
        c3 = multiplyAdd(b, c3, a)
        c4 = multiplyAdd(b, c4, a)
        c5 = multiplyAdd(b, c5, a)
        c6 = multiplyAdd(b, c6, a)
        c7 = multiplyAdd(b, c7, a)
        c8 = multiplyAdd(b, c8, a)
        c9 = multiplyAdd(b, c9, a)
      }
      let total = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9
      return total.sum()
    }
  }

  @inline(__always)
  private static func load<V: SIMD>(_ seeds: UnsafePointer<Float>, _ index: Int) -> V where V.Scalar == Float {
    loadRow(seeds + index * V.scalarCount)
  }

  static func memoryBandwidth() -> Double {
    let count = 16 << 20
    let source = Tensor(repeating: 1, shape: [count])
    var target = Tensor(repeating: 0, shape: [count])
    var best = 0.0
    for _ in 0..<5 {
      let start = DispatchTime.now().uptimeNanoseconds
      target.withUnsafeMutableBufferPointer { output in
        guard let output = output.baseAddress else { return }
        source.withPointer { input in
          parallelRanges(count, grain: 1 << 16) { range in
            (output + range.lowerBound).update(from: input + range.lowerBound, count: range.count)
          }
        }
      }
      let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start)
      best = max(best, Double(2 * count * MemoryLayout<Float>.stride) / elapsed)
    }
    return best
  }

  static func parallelOverhead() -> Double {
    let calls = 200
    let threads = Threads.count
    var best = Double.infinity
    for _ in 0..<10 {
      let start = DispatchTime.now().uptimeNanoseconds
      for _ in 0..<calls { parallelFor(threads) { _ in } }
      best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / Double(calls) / 1000)
    }
    return best
  }
}
