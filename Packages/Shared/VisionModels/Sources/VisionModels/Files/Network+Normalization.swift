import ImageDataset

extension Network {
  private static let meanKey = "normalization_mean"
  private static let deviationKey = "normalization_std"

  /// The input scaling the weights were trained with, kept in ``metadata`` as comma-separated numbers; nil if unknown.
  public var normalization: Normalization? {
    get {
      guard let mean = Self.numbers(metadata[Self.meanKey]), let deviation = Self.numbers(metadata[Self.deviationKey]),
        mean.count == inputShape[2], deviation.count == mean.count, deviation.allSatisfy({ $0 > 0 })
      else { return nil }
      return Normalization(mean: mean, std: deviation)
    }
    set {
      metadata[Self.meanKey] = newValue.map { Self.text($0.mean) }
      metadata[Self.deviationKey] = newValue.map { Self.text($0.std) }
    }
  }

  private static func numbers(_ text: String?) -> [Float]? {
    guard let parts = text?.split(separator: ",", omittingEmptySubsequences: false) else { return nil }
    let numbers = parts.compactMap { Float($0.filter { $0 != " " }) }
    return numbers.count == parts.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
  }

  private static func text(_ numbers: [Float]) -> String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }
}
