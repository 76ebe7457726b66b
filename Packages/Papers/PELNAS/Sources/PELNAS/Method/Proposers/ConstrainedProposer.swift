import Foundation
import LanguageModel
import TinyTensor

/// A small local model under the niche's grammar: it only chooses among digits that the niche still allows, so every proposal is a
/// valid cell of the niche by construction (specification 2.7, appendix B).
///
/// Of the thirteen tokens of `[d,d,d,d,d,d]` six are decisions. The digits' logits are masked with the automaton, mixed with the rule
/// base's weights (`α·LM + β·KB`), divided by the temperature and sampled. Stage 1 is constrained to the rule grammar likewise.
public struct ConstrainedProposer: Proposer {
  /// How the model is used.
  public struct Options: Sendable, Hashable, Codable {
    /// Sampling temperature.
    public var temperature = 1.0
    /// α, the weight of the model's logits.
    public var modelWeight = 1.0
    /// β, the weight of the rule base's logarithms.
    public var knowledgeWeight = 0.0
    /// Whether stage 1 asks the model.
    public var statesRules = true

    /// The defaults of the specification: the model alone, at temperature 1.
    public init() {}
  }

  private let model: any DigitModel
  private let partition: Partition
  private let prompts: Prompts
  private let task: PromptTask
  private let options: Options

  /// A proposer for the niches of a partition.
  public init(
    _ model: any DigitModel, partition: Partition, prompts: Prompts, task: PromptTask, options: Options = Options()
  ) throws(PELNASError) {
    try require(options.temperature > 0, "temperature", options.temperature, "above 0")
    self.model = model
    self.partition = partition
    self.prompts = prompts
    self.task = task
    self.options = options
  }

  public var identity: ProposerIdentity {
    ProposerIdentity(
      kind: options.knowledgeWeight > 0 ? "local with rules" : "local", model: model.name,
      fingerprint: model.fingerprint, temperature: options.temperature)
  }

  public func propose(_ request: ProposalRequest) throws -> ProposalReply {
    let weights = KnowledgeProposer.weights(archive: request.archive, rules: request.rules, trust: 1)
    let (cells, decisions, tokens) = try decode(
      prompts.messages(request, task: task), niche: request.niche, count: request.count, seed: request.seed,
      bias: weights.map { $0.map { options.knowledgeWeight * log($0) } })
    return ProposalReply(
      cells.map { Proposal($0, rationale: request.variation.rawValue) }, tokens: tokens,
      raw: decisions.map { $0.map { String(format: "%.4f", $0) }.joined(separator: " ") }.joined(separator: "; "))
  }

  /// Cells in answer to one plain message, for the study of the model's bias.
  public func propose(to message: String, niche: Int, count: Int, seed: UInt64) throws -> [Cell] {
    try decode(
      [.system(prompts.system), .user(message)], niche: niche, count: count, seed: seed,
      bias: Array(repeating: Array(repeating: 0, count: 5), count: Cell.edgeCount)
    ).cells
  }

  /// All children grow together, one digit a step.
  /// - Returns: the cells, the restricted probabilities of the first child's decisions, and the tokens.
  private func decode(
    _ messages: [ChatMessage], niche: Int, count: Int, seed: UInt64, bias: [[Double]]
  ) throws -> (cells: [Cell], decisions: [[Double]], tokens: TokenCount) {
    let automaton = partition.automata[niche]
    guard automaton.count > 0, count > 0 else { return ([], [], TokenCount()) }
    var generator = Philox(seed: seed, stream: "local")
    var session = try model.begin(messages, answers: count)
    var prefixes = [Int](repeating: 0, count: count)
    var texts = [String](repeating: "[", count: count)
    var decisions: [[Double]] = []
    for edge in 0..<Cell.edgeCount {
      let logits = try session.advance(texts)
      for child in 0..<count {
        let alive = automaton.completions(after: prefixes[child], position: edge)
        let mixed = (0..<5).map { digit in
          alive[digit] > 0
            ? (options.modelWeight * Double(logits[child][digit]) + bias[edge][digit]) / options.temperature
            : -.infinity
        }
        let probabilities = Self.softmax(mixed)
        if child == 0 { decisions.append(probabilities) }
        let digit = generator.pick(probabilities)
        prefixes[child] = 5 * prefixes[child] + digit
        texts[child] = "\(digit),"
      }
    }
    return (prefixes.map { Cell(uncheckedCode: $0) }, decisions, session.tokens)
  }

  private static func softmax(_ values: [Double]) -> [Double] {
    let top = values.max() ?? 0
    let exponentials = values.map { $0 == -.infinity ? 0 : exp($0 - top) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  public func updateKnowledge(_ request: KnowledgeRequest) throws -> KnowledgeReply {
    guard options.statesRules else { return KnowledgeReply(rules: []) }
    var generator = Philox(seed: request.seed, stream: "local-rules")
    // {"edge":e,"op":o,"good":g} — three decisions; edges are numbered, as in the system message.
    let answers = 3
    var session = try model.begin(prompts.messages(request, task: task), answers: answers)
    let fields: [(text: String, choices: Int)] = [("{\"edge\":", 6), (",\"op\":", 5), (",\"good\":", 2)]
    var chosen = [[Int]](repeating: [], count: answers)
    for field in fields {
      let logits = try session.advance(chosen.map { ($0.last.map { "\($0)" } ?? "") + field.text })
      for answer in 0..<answers {
        let restricted = (0..<field.choices).map { Double(logits[answer][$0]) / options.temperature }
        chosen[answer].append(generator.pick(Self.softmax(restricted)))
      }
    }
    let rules = Set(chosen).sorted { $0.lexicographicallyPrecedes($1) }.compactMap { values -> Rule? in
      guard let operation = CellOperation(rawValue: UInt8(values[1])) else { return nil }
      let condition = RuleAtom.edge(values[0], operation)
      return Rule(
        id: "", polarity: values[2] == 1 ? .prefer : .avoid, goal: .accuracy, niche: request.niche,
        conditions: [condition], text: condition.text, source: identity.kind, born: request.generation)
    }
    return KnowledgeReply(
      rules: rules, tokens: session.tokens,
      raw: chosen.map { $0.map(String.init).joined(separator: ",") }.joined(separator: ";"))
  }
}
