import Foundation
import TinyTensorShims

/// Measurements of the machine's limits.
enum ProbeKernel {
  /// 10⁹ operations per second of one kind of product, with the elementary step that the matrix products of this build use.
  static func peak(_ kind: ProductKind, threads: Int) -> Double {
    switch kind {
    case .float32: bestPeak(FloatStep<tt_float_row>.self, productsPerLane: 1, threads: threads)
    case .bfloat16:
      BuildTarget.usesBFloat16Dot
        ? bestPeak(BFloat16Step.self, productsPerLane: 2, threads: threads) : peak(.float32, threads: threads)
    case .int8:
      BuildTarget.usesByteDot
        ? bestPeak(ByteQuadStep.self, productsPerLane: 4, threads: threads)
        : bestPeak(Int16PairStep.self, productsPerLane: 2, threads: threads)
    }
  }

  @inline(__always)
  private static func bestPeak<Step: MultiplyAccumulate>(
    _ step: Step.Type, productsPerLane: Int, threads: Int
  ) -> Double {
    var best = 0.0
    let steps = 500_000
    let operations = Double(2 * productsPerLane * 5 * Step.Row.scalarCount * steps * threads)
    withScratch(Step.Row.Scalar.self, count: threads) { sinks in
      for _ in 0..<7 {
        let start = DispatchTime.now().uptimeNanoseconds
        Threads.withCount(threads) { parallelFor(threads) { sinks[$0] = chain(step, steps: steps) } }
        best = max(best, operations / Double(DispatchTime.now().uptimeNanoseconds - start))
      }
    }
    return best
  }

  /// Five rows of independent chains, two or more registers each, cover the latency of the multipliers.
  @inline(__always)
  private static func chain<Step: MultiplyAccumulate>(_ step: Step.Type, steps: Int) -> Step.Row.Scalar {
    let lanes = Step.Row.scalarCount
    return withScratch(Step.Row.Scalar.self, count: 7 * lanes) { seeds in
      // From memory, so that the optimiser cannot see that lanes and chains start alike.
      for index in 0..<7 * lanes { seeds[index] = Step.Row.Scalar(exactly: index % 3) ?? 0 }
      let load = { (row: Int) -> Step.Row in loadRow(seeds + row * lanes) }
      let (a, b) = (load(5), load(6))
      var (c0, c1, c2, c3, c4) = (load(0), load(1), load(2), load(3), load(4))
      // Every product depends on the one before, else it would be hoisted out of the loop.
      for _ in 0..<steps {
        c0 = Step.step(b, c0, a)
        c1 = Step.step(b, c1, a)
        c2 = Step.step(b, c2, a)
        c3 = Step.step(b, c3, a)
        c4 = Step.step(b, c4, a)
      }
      let total = Step.add(Step.add(Step.add(c0, c1), Step.add(c2, c3)), c4)
      return total[0]
    }
  }

  /// GB/s read by `threads` threads at once, each from a working set of its own.
  static func readBandwidth(workingSet bytes: Int, threads: Int) -> Double {
    let lanes = tt_float_row.scalarCount
    let count = max(1, bytes / (16 * lanes)) * 4 * lanes
    let repeats = max(1, (64 << 20) / (4 * count))
    var best = 0.0
    let data = Tensor(repeating: 1, shape: [threads, count])
    withScratch(Float.self, count: threads) { sinks in
      data.withPointer { data in
        for _ in 0..<4 {
          let start = DispatchTime.now().uptimeNanoseconds
          Threads.withCount(threads) {
            parallelFor(threads) { thread in
              sinks[thread] = 0
              for _ in 0..<repeats { sinks[thread] += sum(data + thread * count, count: count) }
            }
          }
          let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start)
          best = max(best, Double(threads * repeats * count * MemoryLayout<Float>.stride) / elapsed)
        }
      }
    }
    return best
  }

  /// The sum of a multiple of four rows; not inlined, so that no repetition is skipped.
  @inline(never)
  private static func sum(_ data: UnsafePointer<Float>, count: Int) -> Float {
    let lanes = tt_float_row.scalarCount
    var (s0, s1, s2, s3) = (tt_float_row(), tt_float_row(), tt_float_row(), tt_float_row())
    var index = 0
    while index < count {
      s0 += loadRow(data + index)
      s1 += loadRow(data + index + lanes)
      s2 += loadRow(data + index + 2 * lanes)
      s3 += loadRow(data + index + 3 * lanes)
      index += 4 * lanes
    }
    return (s0 + s1 + s2 + s3)[0]
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
