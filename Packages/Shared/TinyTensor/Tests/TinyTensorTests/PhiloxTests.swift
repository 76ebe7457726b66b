import Testing
import TinyTensor

@Suite struct PhiloxTests {
  /// Known-answer vectors of the Random123 library (`kat_vectors`, philox4x32 with 10 rounds).
  @Test func publishedVectors() {
    #expect(
      Philox.block(counter: SIMD4(0, 0, 0, 0), key: SIMD2(0, 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      Philox.block(counter: SIMD4(ones, ones, ones, ones), key: SIMD2(ones, ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func streamsAreReproducibleAndDistinct() {
    var a = Philox(seed: 7, stream: "shuffle")
    var b = Philox(seed: 7, stream: "shuffle")
    var c = Philox(seed: 7, stream: "dropout")
    let first = (0..<64).map { _ in a.next() }
    #expect(first == (0..<64).map { _ in b.next() })
    #expect(first != (0..<64).map { _ in c.next() })
  }

  @Test func seekFindsTheSameBlocks() {
    var sequential = Philox(seed: 3, stream: 5)
    let blocks = (0..<10).map { _ in sequential.next4() }
    for index in [9, 0, 4] {
      var other = Philox(seed: 3, stream: 5)
      other.seek(to: UInt64(index))
      #expect(other.next4() == blocks[index])
    }
  }

  @Test func uniformAndNormalHaveTheirMoments() {
    var generator = Philox(seed: 1, stream: "moments")
    let uniform = Tensor.uniform([100_000], using: &generator)
    #expect(uniform.min() >= 0 && uniform.max() < 1)
    #expect(abs(uniform.mean() - 0.5) < 0.005)
    let normal = Tensor.normal([100_000], mean: 2, standardDeviation: 3, using: &generator)
    #expect(normal.isFinite)
    #expect(abs(normal.mean() - 2) < 0.05)
    let deviation = (normal - 2).sumOfSquares() / 100_000
    #expect(abs(deviation - 9) < 0.2)
  }

  @Test func boundedIntegersCoverTheirRange() {
    var generator = Philox(seed: 1, stream: "below")
    var seen = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 { seen[generator.next(below: 7)] += 1 }
    #expect(seen.allSatisfy { $0 > 850 && $0 < 1150 })
    #expect(generator.next(below: 1) == 0)
  }
}
