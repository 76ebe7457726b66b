/// What a run says about a claim. Computed by ``Claim/verdict``, never assigned.
public enum Verdict: Sendable, Hashable {
  /// The measured values satisfy the criterion.
  case holds
  /// They do not; an honest result, never hidden.
  case fails
  /// Nothing was decided, with the reason.
  case notTested(reason: String)

  /// `holds`, `fails` or `not tested`.
  public var name: String {
    switch self {
    case .holds: "holds"
    case .fails: "fails"
    case .notTested: "not tested"
    }
  }

  /// The name with the reason, such as `not tested (full scale only)`.
  public var text: String {
    if case .notTested(let reason) = self { return "not tested (\(reason))" }
    return name
  }
}

extension Verdict: Codable {
  private enum CodingKeys: String, CodingKey {
    case status, reason
  }

  /// Reads `{"status": "notTested", "reason": "…"}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(String.self, forKey: .status) {
    case "holds": self = .holds
    case "fails": self = .fails
    case "notTested": self = .notTested(reason: try container.decode(String.self, forKey: .reason))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .status, in: container, debugDescription: "expected holds, fails or notTested, got \"\(other)\"")
    }
  }

  /// Writes the status, and the reason of a claim that was not tested.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .holds: try container.encode("holds", forKey: .status)
    case .fails: try container.encode("fails", forKey: .status)
    case .notTested(let reason):
      try container.encode("notTested", forKey: .status)
      try container.encode(reason, forKey: .reason)
    }
  }
}
