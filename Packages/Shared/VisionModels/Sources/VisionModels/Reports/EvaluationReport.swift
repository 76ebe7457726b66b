import ImageDataset

/// What `eval` prints and writes as JSON.
public struct EvaluationReport: Sendable, Hashable, Codable {
  /// Version of this record.
  public var version = 1
  /// Name of the network.
  public let model: String
  /// Name of the data set.
  public let data: String
  /// Class names, in label order.
  public let classes: [String]
  /// Images evaluated.
  public let images: Int
  /// Images classified correctly.
  public let correct: Int
  /// Share of correct images, 0…1.
  public let accuracy: Double
  /// Mean cross-entropy, nats.
  public let loss: Double
  /// Share of correct images per class, 0…1.
  public let perClass: [Double]
  /// `confusion[true][predicted]`.
  public let confusion: [[Int]]
  /// Trainable scalars.
  public let parameters: Int
  /// Multiply-accumulates for one image.
  public let macs: Int
  /// Wall time, seconds.
  public let seconds: Double
  /// Images per second.
  public var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

  /// Compiles, evaluates and summarises.
  /// - Parameters:
  ///   - normalization: input scaling; nil takes the network's own, or else the data set's statistics.
  /// - Throws: what ``InferenceEngine/evaluate(_:normalization:batchSize:augmentation:limit:isCancelled:)`` throws.
  public init(
    evaluating network: Network, on images: LabeledImages, normalization: Normalization? = nil, batchSize: Int = 128,
    augmentation: TestTimeAugmentation = .none, limit: Int? = nil, isCancelled: () -> Bool = { false }
  ) throws(NetworkError) {
    let clock = ContinuousClock()
    let start = clock.now
    let engine = try InferenceEngine(network)
    let scaling = normalization ?? network.normalization ?? images.normalization
    let evaluation = try engine.evaluate(
      images, normalization: scaling, batchSize: batchSize, augmentation: augmentation, limit: limit,
      isCancelled: isCancelled)
    model = network.name
    data = images.name
    classes = images.classes
    self.images = evaluation.count
    correct = evaluation.correct
    accuracy = evaluation.accuracy
    loss = evaluation.loss
    perClass = evaluation.perClass
    confusion = evaluation.confusion
    let cost = network.cost()
    parameters = cost.parameters
    macs = cost.macs
    seconds = VisionModels.seconds(start.duration(to: clock.now))
  }
}
