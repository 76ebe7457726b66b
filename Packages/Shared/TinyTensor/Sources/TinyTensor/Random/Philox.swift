import Foundation

/// Philox-4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
///
/// The numbers are a pure function of seed, stream and position, so results do not depend on threads, order or batch size when
/// every consumer (a layer, an epoch, a sample) has its own stream.
public struct Philox: RandomNumberGenerator, Sendable {
  /// The seed, used as the 64-bit key.
  public let seed: UInt64
  /// The stream, used as the upper half of the 128-bit counter.
  public let stream: UInt64
  private var block: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// The generator at the start of a numbered stream.
  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// The generator at the start of a named stream; the name is hashed with 64-bit FNV-1a.
  public init(seed: UInt64, stream: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    self.init(seed: seed, stream: hash)
  }

  /// The Philox-4x32-10 bijection: ten rounds on a 128-bit counter with a 64-bit key.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Scalars on purpose: the rounds are chains of 32-bit products, and moving them in and out of a vector costs more.
    var (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let first = UInt64(0xd251_1f53) &* UInt64(c0)
      let second = UInt64(0xcd9e_8d57) &* UInt64(c2)
      c0 = UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0
      c2 = UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1
      c1 = UInt32(truncatingIfNeeded: second)
      c3 = UInt32(truncatingIfNeeded: first)
      k0 &+= 0x9e37_79b9
      k1 &+= 0xbb67_ae85
    }
    return SIMD4(c0, c1, c2, c3)
  }

  /// Moves to the 128-bit block with the given index; the next draw is its first word.
  public mutating func seek(to block: UInt64) {
    self.block = block
    used = 4
  }

  /// The next whole block of four words; words left over from the current block are skipped.
  public mutating func next4() -> SIMD4<UInt32> {
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    block &+= 1
    used = 4
    return Self.block(counter: counter, key: key)
  }

  /// The next word.
  public mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = next4()
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// The next two words as one integer.
  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return UInt64(nextWord()) << 32 | low
  }

  /// Uniform in `[0, 1)`, a multiple of 2⁻²⁴; takes one word.
  public mutating func uniform() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  /// Standard normal by the Box–Muller transform; takes two words.
  public mutating func normal() -> Float {
    let radius = (-2 * log(Double((nextWord() >> 8) + 1) * 0x1p-24)).squareRoot()
    return Float(radius * cos(2 * Double.pi * Double(nextWord() >> 8) * 0x1p-24))
  }

  /// Uniform in `0..<bound` (`bound` ≥ 1), by multiplication; the bias is below `bound`·2⁻⁶⁴. Takes two words.
  public mutating func next(below bound: Int) -> Int {
    precondition(bound > 0, "next(below:) needs a positive bound, got \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
