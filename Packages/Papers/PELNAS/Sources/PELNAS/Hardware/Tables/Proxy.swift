/// The thirteen zero-cost proxies of the predictor (specification 2.8), in the order of the tables' columns.
public enum Proxy: String, Sendable, Codable, CaseIterable, Hashable {
  case params, flops
  case l2Norm = "l2_norm"
  case gradNorm = "grad_norm"
  case snip, grasp, fisher, plain, synflow, jacov, nwot
  case epeNAS = "epe_nas"
  case zen

  /// The column of the tables.
  var column: String {
    switch self {
    case .params: "params_M"
    case .flops: "flops_M"
    default: rawValue
    }
  }

  /// Whether the value depends on the trained function only, so that dead operations do not matter.
  public var isFunctional: Bool { ![.params, .flops, .l2Norm].contains(self) }

  /// The value that stands for "not a number" in the tables.
  public static let notANumber: Float = -1e8

  /// The proxy of a name.
  ///
  /// - Throws: ``PELNASError/unknownName(kind:name:known:)``.
  public init(named name: String) throws(PELNASError) {
    guard let found = Self(rawValue: name) else {
      throw .unknownName(kind: "proxy", name: name, known: Self.allCases.map(\.rawValue))
    }
    self = found
  }
}
