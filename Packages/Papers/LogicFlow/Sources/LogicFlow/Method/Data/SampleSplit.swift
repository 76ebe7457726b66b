import LogicFlowVerify
import TinyTensor

/// Rows of integer features with their classes: what an integer network sees.
public struct IntegerSamples: Sendable, Equatable {
  /// Features per row.
  public let width: Int
  /// `[row][feature]`, row-major.
  public let features: [UInt8]
  /// Class of each row.
  public let labels: [Int]

  /// Rows.
  public var count: Int { labels.count }

  /// Wraps rows.
  public init(width: Int, features: [UInt8], labels: [Int]) {
    precondition(features.count == width * labels.count, "\(features.count) features for \(labels.count) rows")
    self.width = width
    self.features = features
    self.labels = labels
  }

  /// Row `index`.
  public subscript(index: Int) -> [UInt8] { Array(features[index * width..<(index + 1) * width]) }

  /// The first rows, at most `limit`.
  public func prefix(_ limit: Int) -> IntegerSamples {
    let rows = min(limit, count)
    return IntegerSamples(width: width, features: Array(features[..<(rows * width)]), labels: Array(labels[..<rows]))
  }

  /// The rows with these indices.
  public func rows(_ indices: [Int]) -> IntegerSamples {
    IntegerSamples(width: width, features: indices.flatMap { self[$0] }, labels: indices.map { labels[$0] })
  }
}

/// Min-max scaling of real features to 0...255, fixed on training rows, with clipping.
public struct FeatureScaler: Codable, Sendable, Equatable {
  /// Value of each feature that becomes 0.
  public let minimum: [Float]
  /// What one integer step is worth, per feature.
  public let step: [Float]

  /// Learns the ranges of `table`. A constant feature gets scale 1.
  public init(fitting table: SampleTable) {
    let width = table.features.count
    var low = [Float](repeating: .infinity, count: width)
    var high = [Float](repeating: -.infinity, count: width)
    for (index, value) in table.values.enumerated() {
      low[index % width] = min(low[index % width], value)
      high[index % width] = max(high[index % width], value)
    }
    minimum = low
    step = zip(low, high).map { $1 > $0 ? ($1 - $0) / 255 : 1 }
  }

  /// The integer rows of `table`.
  public func apply(_ table: SampleTable) throws(LogicFlowError) -> IntegerSamples {
    let width = minimum.count
    guard table.features.count == width else {
      throw .mismatch("\(table.name) has \(table.features.count) features, the scaler \(width)")
    }
    let scaled = table.values.enumerated().map { index, value in
      UInt8(min(max(((value - minimum[index % width]) / step[index % width]).rounded(), 0), 255))
    }
    return IntegerSamples(width: width, features: scaled, labels: table.labels)
  }

  /// The real value that integer `value` of feature `index` stands for.
  public func real(_ value: Int, feature index: Int) -> Float { minimum[index] + Float(value) * step[index] }
}

/// A table cut into training and test rows, scaled on the training rows.
public struct SampleSplit: Sendable {
  /// 80 % of the rows.
  public let train: IntegerSamples
  /// The rest.
  public let test: IntegerSamples
  /// The scaling, for explanations in the units of the features.
  public let scaler: FeatureScaler
  /// Names of the features.
  public let names: [String]
  /// Classes.
  public let classes: Int

  /// Shuffles with `seed` and cuts.
  public init(_ table: SampleTable, trainingShare: Double = 0.8, seed: UInt64 = 42) throws(LogicFlowError) {
    guard trainingShare > 0, trainingShare < 1 else {
      throw .invalidSetting(name: "training share", value: "\(trainingShare)", expected: "between 0 and 1")
    }
    var random = Philox(seed: seed, stream: "logicflow.split")
    let order = Array(0..<table.count).shuffled(using: &random)
    let cut = Int(Double(table.count) * trainingShare)
    guard cut > 0, cut < table.count else {
      throw .invalidTable(file: table.name, reason: "\(table.count) rows leave one split empty")
    }
    let training = try table.rows(Array(order[..<cut]))
    scaler = FeatureScaler(fitting: training)
    train = try scaler.apply(training)
    // A small test split may miss a class, so it is not checked as a table of its own.
    let all = try scaler.apply(table)
    test = all.rows(Array(order[cut...]))
    names = table.features
    classes = table.classes
  }
}
