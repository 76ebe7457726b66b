/// What turns 8-bit samples into the numbers that a network sees: `(value / 255 − mean) / std`, per channel.
public struct Normalization: Sendable, Codable, Hashable {
  /// The mean of every channel, in the range 0…1.
  public let mean: [Float]
  /// The standard deviation of every channel, in the range 0…1.
  public let std: [Float]

  /// Creates a normalisation; both lists have one entry per channel, deviations are positive.
  public init(mean: [Float], std: [Float]) {
    precondition(mean.count == std.count && !mean.isEmpty, "mean and std need one entry per channel")
    precondition(std.allSatisfy { $0 > 0 }, "standard deviations must be positive")
    self.mean = mean
    self.std = std
  }

  /// Reads `{"mean": […], "std": […]}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    mean = try container.decode([Float].self, forKey: .mean)
    std = try container.decode([Float].self, forKey: .std)
    guard mean.count == std.count, !mean.isEmpty, std.allSatisfy({ $0 > 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .std, in: container, debugDescription: "mean and std need one entry per channel, std positive")
    }
  }

  /// The usual constants of ImageNet.
  public static let imagenet = Normalization(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
  /// The exact statistics of the CIFAR-10 training split.
  public static let cifar10 = Normalization(
    mean: [0.491_399_68, 0.482_158_41, 0.446_530_91], std: [0.247_032_23, 0.243_485_13, 0.261_587_84])
  /// The exact statistics of the CIFAR-100 training split.
  public static let cifar100 = Normalization(
    mean: [0.507_075_16, 0.486_548_87, 0.440_917_84], std: [0.267_334_29, 0.256_438_46, 0.276_150_47])
  /// Samples in 0…1, three channels.
  public static let none = Normalization(mean: [0, 0, 0], std: [1, 1, 1])

  /// How many channels this normalises.
  public var channels: Int { mean.count }
}
