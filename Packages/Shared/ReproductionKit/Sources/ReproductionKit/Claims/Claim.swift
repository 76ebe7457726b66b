/// One statement of a paper beside what was measured here.
///
/// ```swift
/// let claim = Claim(
///   id: "Q1", statement: "ResNet-20 starts at the published accuracy", paperValue: "91.73 %",
///   measured: MeasuredValue(91.72, unit: "%", decimals: 2), criterion: .within(91.73, tolerance: 0.02))
/// print(claim.verdict.name)  // holds
/// ```
public struct Claim: Sendable, Hashable, Identifiable {
  /// Short identifier, unique in the report, such as `Q1`.
  public let id: String
  /// The statement in the paper's words.
  public let statement: String
  /// The paper's own number, as printed there; `nil` when the paper gives none.
  public let paperValue: String?
  /// What was measured, in the order the criterion expects. Empty when not tested.
  public let measurements: [MeasuredValue]
  /// The rule that decides.
  public let criterion: Criterion
  /// Why the claim was not tested; `nil` when it was.
  public let reasonNotTested: String?
  /// A remark for the reader, such as why the claim fails at this scale.
  public var note: String?

  /// A claim decided by one measured value.
  public init(
    id: String, statement: String, paperValue: String? = nil, measured: MeasuredValue, criterion: Criterion,
    note: String? = nil
  ) {
    self.init(
      id: id, statement: statement, paperValue: paperValue, measurements: [measured], criterion: criterion,
      reasonNotTested: nil, note: note)
  }

  /// A claim decided by several measured values, such as an ordered list.
  public init(
    id: String, statement: String, paperValue: String? = nil, measured: [MeasuredValue], criterion: Criterion,
    note: String? = nil
  ) {
    self.init(
      id: id, statement: statement, paperValue: paperValue, measurements: measured, criterion: criterion,
      reasonNotTested: nil, note: note)
  }

  /// A claim decided by a yes/no observation.
  public init(id: String, statement: String, paperValue: String? = nil, isTrue: Bool, note: String? = nil) {
    self.init(
      id: id, statement: statement, paperValue: paperValue, measured: MeasuredValue(truth: isTrue),
      criterion: .isTrue, note: note)
  }

  /// A claim that this run did not test, with the reason.
  public static func notTested(
    id: String, statement: String, paperValue: String? = nil, criterion: Criterion = .reported, reason: String,
    note: String? = nil
  ) -> Claim {
    Claim(
      id: id, statement: statement, paperValue: paperValue, measurements: [], criterion: criterion,
      reasonNotTested: reason, note: note)
  }

  private init(
    id: String, statement: String, paperValue: String?, measurements: [MeasuredValue], criterion: Criterion,
    reasonNotTested: String?, note: String?
  ) {
    self.id = id
    self.statement = statement
    self.paperValue = paperValue
    self.measurements = measurements
    self.criterion = criterion
    self.reasonNotTested = reasonNotTested
    self.note = note
  }

  /// What this run says about the claim, from the criterion and the measured values alone.
  public var verdict: Verdict {
    if let reasonNotTested { return .notTested(reason: reasonNotTested) }
    if measurements.isEmpty { return .notTested(reason: "nothing was measured") }
    if case .reported = criterion { return .notTested(reason: "reported without a pass bar") }
    return criterion.isSatisfied(by: measurements.map(\.value)) ? .holds : .fails
  }

  /// The measured values as text, `–` when there are none.
  public var measuredText: String {
    measurements.isEmpty ? "–" : measurements.map(\.labelledText).joined(separator: "; ")
  }

  /// The criterion as text, such as `≥ 93 %`.
  public var criterionText: String {
    criterion.text(for: measurements)
  }
}

extension Claim: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, statement, paperValue, measurements, criterion, verdict, reasonNotTested, note
  }

  /// Reads a claim. A stored verdict is ignored: it is computed again.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try container.decode(String.self, forKey: .id),
      statement: try container.decode(String.self, forKey: .statement),
      paperValue: try container.decodeIfPresent(String.self, forKey: .paperValue),
      measurements: try container.decode([MeasuredValue].self, forKey: .measurements),
      criterion: try container.decode(Criterion.self, forKey: .criterion),
      reasonNotTested: try container.decodeIfPresent(String.self, forKey: .reasonNotTested),
      note: try container.decodeIfPresent(String.self, forKey: .note))
  }

  /// Writes the claim with its computed verdict, for readers of the JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(statement, forKey: .statement)
    try container.encodeIfPresent(paperValue, forKey: .paperValue)
    try container.encode(measurements, forKey: .measurements)
    try container.encode(criterion, forKey: .criterion)
    try container.encode(verdict, forKey: .verdict)
    try container.encodeIfPresent(reasonNotTested, forKey: .reasonNotTested)
    try container.encodeIfPresent(note, forKey: .note)
  }
}
