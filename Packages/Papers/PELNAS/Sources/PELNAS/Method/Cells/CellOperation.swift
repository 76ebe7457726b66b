/// The operation on an edge of a NAS-Bench-201 cell; raw values are the digits of a cell's word.
public enum CellOperation: UInt8, CaseIterable, Sendable, Codable, Hashable {
  case none, skip, conv1x1, conv3x3, avgPool3x3

  /// The benchmark's name, as in its architecture strings.
  public var name: String {
    switch self {
    case .none: "none"
    case .skip: "skip_connect"
    case .conv1x1: "nor_conv_1x1"
    case .conv3x3: "nor_conv_3x3"
    case .avgPool3x3: "avg_pool_3x3"
    }
  }

  /// A short name for drawings and prompts.
  public var shortName: String {
    switch self {
    case .none: "none"
    case .skip: "skip"
    case .conv1x1: "conv1x1"
    case .conv3x3: "conv3x3"
    case .avgPool3x3: "avgpool3x3"
    }
  }

  /// The operation of a benchmark name.
  init?(name: Substring) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
