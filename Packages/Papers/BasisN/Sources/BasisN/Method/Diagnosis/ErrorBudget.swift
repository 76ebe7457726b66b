import ImageDataset
import TinyTensor
import VisionModels

/// Where the accuracy goes: the full physics against the same physics with one effect turned off at a time, and the layers one
/// at a time (an extension, section 10: the question that users of every simulator ask).
public struct ErrorBudget: Sendable, Codable, Hashable {
  /// One effect.
  public struct Effect: Sendable, Codable, Hashable {
    /// What was turned off.
    public let name: String
    /// Accuracy without it, in percent.
    public let accuracyWithout: Double
    /// What would help.
    public let advice: String
  }

  /// One layer on the chip while all others compute exactly.
  public struct LayerShare: Sendable, Codable, Hashable {
    /// Name.
    public let layer: String
    /// Relative error of the layer's output.
    public let error: Double
    /// Share of its conversions that were clipped.
    public let saturation: Double
  }

  /// Images looked at.
  public let images: Int
  /// Accuracy of exact integers, in percent.
  public let exact: Double
  /// Accuracy with all effects, in percent.
  public let all: Double
  /// Effects that are on, the most harmful first.
  public let effects: [Effect]
  /// Layers in graph order.
  public let layers: [LayerShare]

  /// Measures the budget.
  /// - Parameters:
  ///   - images: labelled images for accuracies; do not choose anything by test images.
  ///   - calibration: what the layers see on calibration images.
  public init(
    _ model: BasisNModel, configuration: CrossbarConfiguration, combiner: Combiner = .analogRouting,
    images: LabeledImages, normalization: Normalization, calibration: LayerInputs
  ) throws(BasisNError) {
    func accuracy(_ configuration: CrossbarConfiguration) throws(BasisNError) -> Double {
      let chip = try Chip(model, configuration: configuration, combiner: combiner)
      return try Self.accuracy(chip.network(calibration: calibration).network, images, normalization)
    }
    self.images = images.count
    exact = try Self.accuracy(model.integerNetwork(), images, normalization)
    all = try accuracy(configuration)
    var effects: [Effect] = []
    for (name, without, advice) in Self.variants(configuration) {
      effects.append(Effect(name: name, accuracyWithout: try accuracy(without), advice: advice))
    }
    self.effects = effects.sorted { $0.accuracyWithout > $1.accuracyWithout }
    layers = try Self.shares(model, configuration, combiner, calibration)
  }

  /// The effect whose absence helps most, if any does.
  public var worst: Effect? { effects.first.flatMap { $0.accuracyWithout > all ? $0 : nil } }

  /// The configuration with one effect turned off, for every effect that is on.
  static func variants(
    _ configuration: CrossbarConfiguration
  ) -> [(name: String, without: CrossbarConfiguration, advice: String)] {
    var result: [(String, CrossbarConfiguration, String)] = []
    func add(_ isOn: Bool, _ name: String, _ advice: String, _ change: (inout CrossbarConfiguration) -> Void) {
      guard isOn else { return }
      var without = configuration
      change(&without)
      result.append((name, without, advice))
    }
    add(configuration.programming != .none, "programming error", "train with variation, or repair the coefficients") {
      $0.programming = .none
    }
    add(
      configuration.stuckLow + configuration.stuckHigh > 0, "stuck cells", "repair the coefficients on measured columns"
    ) {
      $0.stuckLow = 0
      $0.stuckHigh = 0
    }
    add(
      configuration.driftExponent > 0 && configuration.driftTime != 1, "drift",
      "correct the gain, or repair the coefficients"
    ) {
      $0.driftExponent = 0
    }
    add(configuration.readNoise > 0, "read noise", "read longer, or train with variation") { $0.readNoise = 0 }
    add(configuration.wireResistance > 0, "wire resistance", "smaller crossbars, higher cell resistances, or repair") {
      $0.wireResistance = 0
    }
    if let converter = configuration.converter {
      add(true, "converters", "more bits (\(converter.bits + 1)), bit-serial inputs") { $0.converter = nil }
      add(converter.bits < 15, "converter range", "a wider percentile or an explicit range") {
        $0.converter = ConverterConfiguration(bits: converter.bits, range: .calibrated(percentile: 100))
      }
    }
    return result
  }

  static func accuracy(
    _ network: Network, _ images: LabeledImages, _ normalization: Normalization
  ) throws(BasisNError) -> Double {
    try asBasisNError { () throws(NetworkError) in
      try InferenceEngine(network).evaluate(images, normalization: normalization).accuracy * 100
    }
  }

  /// Error of each layer's output on the calibration inputs, exact against physical.
  private static func shares(
    _ model: BasisNModel, _ configuration: CrossbarConfiguration, _ combiner: Combiner, _ calibration: LayerInputs
  ) throws(BasisNError) -> [LayerShare] {
    let chip = try Chip(model, configuration: configuration, combiner: combiner)
    let exact = try model.integerNetwork()
    let (physical, statistics) = try chip.network(calibration: calibration)
    var shares: [LayerShare] = []
    for (layer, counter) in zip(model.layers, statistics) {
      guard let inputs = calibration.tensors[layer.shape.name] else { continue }
      let wanted = try MappedLayer.output(of: layer.shape.name, in: exact, inputs: inputs)
      let got = try MappedLayer.output(of: layer.shape.name, in: physical, inputs: inputs)
      let scale = wanted.norm()
      shares.append(
        LayerShare(
          layer: layer.shape.name, error: scale > 0 ? Double((got - wanted).norm() / scale) : 0,
          saturation: counter.saturation))
    }
    return shares
  }
}
