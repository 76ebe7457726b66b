/// The data sets of the benchmark.
public enum DataSet: String, Sendable, Codable, CaseIterable, Hashable {
  case cifar10
  case cifar100
  case imageNet16 = "imagenet16-120"

  /// Number of classes.
  public var classCount: Int {
    switch self {
    case .cifar10: 10
    case .cifar100: 100
    case .imageNet16: 120
    }
  }

  /// Height and width of an image in pixels.
  public var imageSize: Int { self == .imageNet16 ? 16 : 32 }

  /// The data set of a name.
  ///
  /// - Throws: ``PELNASError/unknownName(kind:name:known:)``.
  public init(named name: String) throws(PELNASError) {
    guard let found = Self(rawValue: name) else {
      throw .unknownName(kind: "data set", name: name, known: Self.allCases.map(\.rawValue))
    }
    self = found
  }
}

/// Which accuracy a search may look at.
public enum AccuracySplit: String, Sendable, Codable, CaseIterable, Hashable {
  /// Test accuracy after 200 epochs, as benchmark searches and the paper do.
  case test
  /// Validation accuracy; the front is still re-scored on the test split.
  case validation = "val"
}
