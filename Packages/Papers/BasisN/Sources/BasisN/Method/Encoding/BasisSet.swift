import TinyTensor

/// The global basis: what is written into the crossbars once, as integer cell levels.
public struct BasisSet: Sendable, Hashable, Codable {
  /// Number of vectors (B).
  public let count: Int
  /// Entries of a vector (N).
  public let length: Int
  /// Cell bits (g); every level lies in `-(2^g - 1)…2^g - 1`.
  public let cellBits: Int
  /// Signed levels, vector by vector.
  public let levels: [Int8]

  /// Creates a basis from levels.
  /// - Throws: ``BasisNError/mismatch(_:)`` for a wrong number of levels or a level that the cells cannot hold.
  public init(count: Int, length: Int, cellBits: Int, levels: [Int8]) throws(BasisNError) {
    try require((1...6).contains(cellBits), "cellBits", cellBits, "1…6")
    guard count > 0, length > 0, levels.count == count * length else {
      throw .mismatch("a basis of \(count) vectors of length \(length) with \(levels.count) levels")
    }
    let largest = (1 << cellBits) - 1
    if let index = levels.firstIndex(where: { abs(Int($0)) > largest }) {
      throw .mismatch(
        "level \(levels[index]) of vector \(index / length) is beyond ±\(largest), what \(cellBits)-bit cells hold")
    }
    self.count = count
    self.length = length
    self.cellBits = cellBits
    self.levels = levels
  }

  /// Rounds a float basis `[count, length]` to levels of size `step`; levels beyond the cells' range are clipped.
  public init(rounding vectors: Tensor, step: Float, cellBits: Int) throws(BasisNError) {
    let largest = Float((1 << cellBits) - 1)
    let levels = vectors.scalars.map { value -> Int8 in
      Int8(max(-largest, min(largest, (value / step).rounded(.toNearestOrEven))))
    }
    try self.init(count: vectors.shape[0], length: vectors.shape[1], cellBits: cellBits, levels: levels)
  }

  /// The levels as numbers, `[count, length]`.
  public var tensor: Tensor { Tensor(shape: [count, length], levels.map(Float.init)) }

  /// One vector.
  public subscript(vector: Int) -> ArraySlice<Int8> { levels[vector * length..<(vector + 1) * length] }
}
