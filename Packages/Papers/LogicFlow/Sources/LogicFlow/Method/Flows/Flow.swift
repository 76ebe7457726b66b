import LogicFlowVerify

/// A test and the class that follows when it passes.
public struct Flow: Codable, Hashable, Sendable {
  /// When the flow fires: sign literals, and intervals of features.
  public var region: Region
  /// The class.
  public var outcome: Int
  /// The proof; none in the paper's mode, which trusts sample counts.
  public var certificate: Certificate?
  /// Training samples that satisfy the test.
  public var visits: Int

  /// Creates a flow.
  public init(region: Region, outcome: Int, certificate: Certificate? = nil, visits: Int = 0) {
    self.region = region
    self.outcome = outcome
    self.certificate = certificate
    self.visits = visits
  }
}
