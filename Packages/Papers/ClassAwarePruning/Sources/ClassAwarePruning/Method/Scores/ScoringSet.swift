import ImageDataset
import TinyTensor
import VisionModels

/// The images that a criterion looks at: some of every class, normalised.
public struct ScoringSet: Sendable {
  /// Names of the classes, in the order of the network's outputs.
  public let classes: [String]
  /// For every class its images `[m, height, width, channels]`.
  public let images: [Tensor]

  /// Makes a set out of tensors, one per class.
  /// - Throws: ``PruneError/badLabels(_:)`` or ``PruneError/notEnoughImages(class:have:need:)`` if a class has none.
  public init(classes: [String], images: [Tensor]) throws(PruneError) {
    guard classes.count == images.count, classes.count >= 2 else {
      throw .badLabels("\(images.count) classes of images and \(classes.count) names; scoring needs at least 2 classes")
    }
    for (name, tensor) in zip(classes, images) where tensor.shape.first.map({ $0 < 1 }) ?? true {
      throw .notEnoughImages(class: name, have: 0, need: 1)
    }
    self.classes = classes
    self.images = images
  }

  /// Picks images of every class.
  /// - Throws: ``PruneError/notEnoughImages(class:have:need:)`` for the first class that has too few.
  public init(
    _ data: LabeledImages, normalization: Normalization, options: ScoreOptions
  ) throws(PruneError) {
    try options.validate()
    var images: [Tensor] = []
    for (label, name) in data.classes.enumerated() {
      var indices = data.indices(ofClass: label)
      let need = options.imagesPerClass
      guard indices.count >= need || (options.allowFewer && !indices.isEmpty) else {
        throw .notEnoughImages(class: name, have: indices.count, need: need)
      }
      if case .random(let seed) = options.selection {
        var generator = Philox(seed: seed, stream: "score.class.\(label)")
        indices = Self.drawn(min(need, indices.count), from: indices, using: &generator)
      }
      images.append(data.batch(Array(indices.prefix(need)), normalization: normalization).images)
    }
    try self.init(classes: data.classes, images: images)
  }

  /// Checks that the set fits a network.
  /// - Throws: ``PruneError/badLabels(_:)``, ``PruneError/shapeMismatch(_:)``.
  func check(_ network: Network) throws(PruneError) {
    guard classes.count == network.classes else {
      throw .badLabels(
        "the data have \(classes.count) classes, \(network.name) has \(network.classes) outputs; use the data it was trained on"
      )
    }
    for tensor in images where Array(tensor.shape.dropFirst()) != network.inputShape {
      throw .shapeMismatch(
        "images are \(Array(tensor.shape.dropFirst())), \(network.name) expects \(network.inputShape)")
    }
  }

  /// The first `count` elements of a Fisher–Yates shuffle.
  private static func drawn(_ count: Int, from indices: [Int], using generator: inout Philox) -> [Int] {
    var pool = indices
    for position in 0..<count {
      pool.swapAt(position, position + generator.next(below: pool.count - position))
    }
    return Array(pool.prefix(count))
  }
}
