import TinyTensor

/// How the scale of a quantiser is chosen from values.
public enum Calibration: Sendable, Codable, Hashable {
  /// The greatest magnitude maps to the end of the range.
  case minMax
  /// The given percentile (99.9 is usual) of the magnitudes maps to the end of the range; what lies beyond is clipped.
  case percentile(Double)
  /// The scale with the least squared error, out of `candidates` equal fractions of the one of ``minMax`` (100 is usual).
  case meanSquaredError(candidates: Int)

  /// The scale for the values of a tensor. Values outside of an unsigned range (negative ones) do not count for its size.
  /// - Returns: a positive number; 1 for a tensor of zeros.
  public func scale(for x: Tensor, range: QuantizationRange) -> Float {
    let magnitudes = range.isSigned ? x.mapLanes { $0.magnitudes } : x.mapLanes { $0.limited(0, .infinity) }
    let top = magnitudes.max()
    guard top > 0, top.isFinite else { return 1 }
    let end = Float(range.upper)
    switch self {
    case .minMax: return top / end
    case .percentile(let percentile):
      let value = Self.percentile(percentile, of: magnitudes.scalars)
      return (value > 0 ? value : top) / end
    case .meanSquaredError(let candidates):
      precondition(candidates > 0, "the search needs at least one candidate")
      let kernel = QuantizationKernel(range)
      var best = (error: Double.infinity, scale: top / end)
      for candidate in 1...candidates {
        let scale = top / end * Float(candidate) / Float(candidates)
        let error = (kernel.fakeQuantized(x, scales: [scale]) - x).sumOfSquares()
        // Among equals the greatest scale, which clips least.
        if error <= best.error { best = (error, scale) }
      }
      return best.scale
    }
  }

  /// Linear interpolation between the nearest ranks, as NumPy's default.
  private static func percentile(_ percentile: Double, of values: [Float]) -> Float {
    precondition((0...100).contains(percentile), "a percentile lies in 0...100, got \(percentile)")
    let sorted = values.sorted()
    let position = percentile / 100 * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + Float(position - Double(below)) * (sorted[above] - sorted[below])
  }
}

/// Collects activations over several batches for ``Calibration``, in bounded memory.
///
/// Keeps an evenly spaced sample of at most `capacity` values, which always contains the extremes.
public struct CalibrationObserver: Sendable {
  private let capacity: Int
  private var sample: [Float] = []
  private var stride = 1
  private var phase = 0
  private var extremes: (least: Float, greatest: Float) = (.infinity, -.infinity)

  /// Creates an empty observer.
  public init(capacity: Int = 1 << 18) {
    precondition(capacity >= 2, "an observer needs room for two values")
    self.capacity = capacity
  }

  /// Takes the values of a batch in.
  public mutating func observe(_ x: Tensor) {
    guard x.count > 0 else { return }
    extremes = (min(extremes.least, x.min()), max(extremes.greatest, x.max()))
    for value in x.scalars {
      if phase == 0 { sample.append(value) }
      phase = phase + 1 == stride ? 0 : phase + 1
      if sample.count == capacity { thin() }
    }
  }

  /// Drops every second value and halves the rate from now on.
  private mutating func thin() {
    sample = Swift.stride(from: 0, to: sample.count, by: 2).map { sample[$0] }
    stride *= 2
    phase = 0
  }

  /// The scale for everything observed; 1 if nothing was.
  public func scale(_ method: Calibration, range: QuantizationRange) -> Float {
    guard !sample.isEmpty else { return 1 }
    let values = sample + [extremes.least, extremes.greatest]
    return method.scale(for: Tensor(shape: [values.count], values), range: range)
  }
}
