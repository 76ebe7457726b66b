import Foundation

/// Rotary position embedding (Su et al. 2021): pair `i` of a head is rotated by the angle `position · frequency[i]`.
public struct RotaryEmbedding: Sendable, Hashable, Codable {
  /// Which elements of a head form a pair.
  public let pairing: RopePairing
  /// Angle per position of each pair, `headSize / 2` values.
  public let frequencies: [Double]

  /// The embedding with the given pairs and frequencies.
  public init(pairing: RopePairing, frequencies: [Double]) {
    self.pairing = pairing
    self.frequencies = frequencies
  }

  /// The embedding of a model: `base^(-2i / headSize)`, divided by the model's frequency factors if it has any.
  public init(_ config: LlamaConfig) {
    let half = config.headSize / 2
    let base = Double(config.ropeBase)
    let factors = config.ropeFrequencyFactors
    self.init(
      pairing: config.ropePairing,
      frequencies: (0..<half).map { index in
        let frequency = pow(base, -2 * Double(index) / Double(config.headSize))
        return factors.map { index < $0.count ? frequency / Double($0[index]) : frequency } ?? frequency
      })
  }

  /// Elements of a head.
  public var headSize: Int { 2 * frequencies.count }

  /// The indices of pair `index` within a head.
  @inline(__always)
  func pair(_ index: Int) -> (first: Int, second: Int) {
    pairing == .interleaved ? (2 * index, 2 * index + 1) : (index, index + frequencies.count)
  }

  /// Cosine and sine of each pair's angle at a position (or for a difference of positions), computed in double precision.
  func angles(at position: Int) -> (cosine: [Float], sine: [Float]) {
    var cosine = [Float](repeating: 0, count: frequencies.count)
    var sine = cosine
    for (index, frequency) in frequencies.enumerated() {
      let angle = Double(position) * frequency
      cosine[index] = Float(cos(angle))
      sine[index] = Float(sin(angle))
    }
    return (cosine, sine)
  }
}
