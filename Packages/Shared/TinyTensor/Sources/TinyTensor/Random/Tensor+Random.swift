extension Tensor {
  /// A tensor of independent uniform numbers in `range` (upper bound excluded up to rounding).
  public static func uniform(
    _ shape: [Int], in range: ClosedRange<Float> = 0...1, using generator: inout Philox
  ) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let width = range.upperBound - range.lowerBound
    result.withUnsafeMutableBufferPointer { buffer in
      for index in buffer.indices { buffer[index] = range.lowerBound + width * generator.uniform() }
    }
    return result
  }

  /// A tensor of independent normal numbers.
  public static func normal(
    _ shape: [Int], mean: Float = 0, standardDeviation: Float = 1, using generator: inout Philox
  ) -> Tensor {
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableBufferPointer { buffer in
      for index in buffer.indices { buffer[index] = mean + standardDeviation * generator.normal() }
    }
    return result
  }
}
