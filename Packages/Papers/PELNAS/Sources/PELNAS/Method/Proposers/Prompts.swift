import Foundation
import JSONC
import LanguageModel

/// The texts that models are asked with; the defaults are a resource, and a file of the same form replaces them.
public struct Prompts: Sendable, Hashable, Codable {
  /// Role, code table and output format, for every call.
  public var system: String
  /// More for models with room: node equations, device, data set.
  public var systemDetails: String
  /// Stage 1.
  public var update: String
  /// Stage 2.
  public var propose: String
  /// Mutation in words.
  public var mutation: String
  /// Crossover in words.
  public var crossover: String
  /// After answers that could not be used.
  public var retry: String
  /// One-shot prompt of the bias study that names accuracy only.
  public var baselineNormal: String
  /// The same with latency.
  public var baselineLatency: String

  /// Reads prompts from a file.
  ///
  /// - Throws: `JSONError` or a decoding error with the missing key.
  public init(contentsOf url: URL) throws { self = try JSON.read(Prompts.self, from: url) }

  /// The package's own.
  public static func standard() throws -> Prompts {
    guard let url = Bundle.module.url(forResource: "prompts", withExtension: "json", subdirectory: "Resources") else {
      throw PELNASError.badFile(path: "prompts.json", problem: "the package's resource is missing; build again")
    }
    return try Prompts(contentsOf: url)
  }

  /// Stage 1 as a conversation.
  func messages(_ request: KnowledgeRequest, task: PromptTask) -> [ChatMessage] {
    [
      .system(systemText(task)),
      .user(
        Self.fill(
          update,
          [
            "niche": request.description, "round": Self.lines(request.lastRound),
            "rules": Self.lines(request.rules),
          ])),
    ]
  }

  /// Stage 2 as a conversation.
  func messages(_ request: ProposalRequest, task: PromptTask) -> [ChatMessage] {
    var text = Self.fill(
      propose,
      [
        "niche": request.description, "parents": Self.lines(request.parents), "rules": Self.lines(request.rules),
        "operator": request.variation == .crossover ? crossover : mutation, "count": "\(request.count)",
      ])
    if !request.rejections.isEmpty {
      text +=
        " "
        + Self.fill(
          retry,
          [
            "reasons": request.rejections.joined(separator: ", "), "count": "\(request.count)",
            "niche": request.description,
          ])
    }
    return [.system(systemText(task)), .user(text)]
  }

  private func systemText(_ task: PromptTask) -> String {
    guard task.isDetailed else { return system }
    return system + " " + Self.fill(systemDetails, ["device": task.device, "dataset": task.dataSet])
  }

  private static func fill(_ template: String, _ values: KeyValuePairs<String, String>) -> String {
    values.reduce(template) { $0.replacingOccurrences(of: "{\($1.key)}", with: $1.value) }
  }

  private static func lines(_ cells: [EvaluatedCell]) -> String {
    cells.isEmpty
      ? "none."
      : cells.map { cell in
        "\(codes(cell.cell)) | \(number(cell.accuracy)) | \(number(cell.cost)) | \(cell.rationale.prefix(60))"
      }.joined(separator: "; ")
  }

  private static func lines(_ cells: [ScoredCell]) -> String {
    cells.isEmpty
      ? "none."
      : cells.map { "\(codes($0.cell)) \(number($0.accuracy)) % \(number($0.cost)) ms" }.joined(separator: "; ")
  }

  private static func lines(_ rules: [Rule]) -> String {
    rules.isEmpty ? "none." : rules.map { "\($0.polarity.rawValue) \($0.text)" }.joined(separator: "; ")
  }

  static func codes(_ cell: Cell) -> String {
    "[" + cell.operations.map { "\($0.rawValue)" }.joined(separator: ",") + "]"
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// What a prompt says about the task.
public struct PromptTask: Sendable, Hashable, Codable {
  /// The device.
  public var device: String
  /// The data set.
  public var dataSet: String
  /// Whether the long form of the system message is used.
  public var isDetailed: Bool

  /// A task.
  public init(device: String, dataSet: String, isDetailed: Bool) {
    self.device = device
    self.dataSet = dataSet
    self.isDetailed = isDetailed
  }
}
