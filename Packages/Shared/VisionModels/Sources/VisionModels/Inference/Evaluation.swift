/// How well a network classifies a labelled set.
public struct Evaluation: Sendable, Hashable, Codable {
  /// Images per true class and predicted class: `confusion[true][predicted]`.
  public private(set) var confusion: [[Int]]
  /// Sum of the cross-entropies, nats.
  public private(set) var totalLoss = 0.0

  /// Starts with no images.
  public init(classes: Int) {
    confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  }

  /// Counts one image.
  public mutating func record(label: Int, predicted: Int, loss: Double) {
    confusion[label][predicted] += 1
    totalLoss += loss
  }

  /// Images seen.
  public var count: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }
  /// Images classified correctly.
  public var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }
  /// Share of correct images, 0…1; 0 for no images.
  public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
  /// Mean cross-entropy per image, nats.
  public var loss: Double { count == 0 ? 0 : totalLoss / Double(count) }
  /// Share of correct images of each class, 0…1; 0 for a class without images.
  public var perClass: [Double] {
    confusion.indices.map { label in
      let total = confusion[label].reduce(0, +)
      return total == 0 ? 0 : Double(confusion[label][label]) / Double(total)
    }
  }
}
