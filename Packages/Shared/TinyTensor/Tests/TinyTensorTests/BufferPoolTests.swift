import Testing
import TinyTensor

/// Serialized: the counters belong to the process, and other suites allocate too. The test therefore repeats a step until one
/// repetition is free of fresh allocations, which a step that always allocates never reaches.
@Suite(.serialized) struct BufferPoolTests {
  private func step() throws {
    let x = sample([4, 16, 16, 16])
    let w = sample([16, 16, 3, 3], "w")
    let g = try ConvGeometry(input: x.shape, weight: w.shape, padding: 1)
    let y = conv2d(x, weight: w, geometry: g)
    let (mean, variance) = batchNormStatistics(y)
    let z = batchNormApply(y, mean: mean, inverseStandardDeviation: variance, activation: .gelu)
    var gradient = z * 2
    _ = batchNormGradient(&gradient, x: y, mean: mean, inverseStandardDeviation: variance, activation: .gelu)
    _ = conv2dInputGradient(gradient, weight: w, geometry: g)
    _ = conv2dWeightGradient(x, gradient, geometry: g)
    let (pooled, indices) = maxPool2d(z, kernel: 2, stride: 2)
    _ = maxPool2dGradient(pooled, indices: indices)
    _ = matmul(globalAveragePool(z), sample([10, 16], "head"), transposeB: true) * 2 + 1
  }

  @Test func aRepeatedStepAllocatesNothingFresh() throws {
    var settled = false
    for _ in 0..<200 where !settled {
      let before = BufferPool.statistics
      try step()
      let after = BufferPool.statistics
      settled = after.fresh == before.fresh && after.reused > before.reused
    }
    #expect(settled)
  }

  @Test func storageIsAligned() {
    for count in [0, 1, 15, 16, 17, 1000, 3_000_000] {
      Tensor(zeros: [count]).withUnsafeBufferPointer { buffer in
        #expect(UInt(bitPattern: buffer.baseAddress) % 64 == 0)
        #expect(buffer.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func scratchHoldsWhatIsWritten() {
    for count in [1, 64, 65, 257, 5000, 123_457] {
      withScratch(Int32.self, count: count) { first in
        withScratch(Int32.self, count: count) { second in
          for index in 0..<count {
            first[index] = Int32(index)
            second[index] = -Int32(index)
          }
          #expect((0..<count).allSatisfy { first[$0] == Int32($0) && second[$0] == -Int32($0) })
        }
      }
    }
  }
}
