import LanguageModel
import ReproductionKit

/// T2: what the grammar and the batch buy: time per valid cell of the niche, beside one free answer after the other (specification 9).
struct DecodingStudy {
  let workload: Workload
  let context: RunContext

  /// Cells that are decoded as one batch, as in the search.
  private static let batch = 5
  /// Room for `[d,d,d,d,d,d]` and a few words before it.
  private static let freeTokens = 24

  func run(_ source: ModelSource, _ prompts: Prompts) async throws -> StudyResult {
    let statement =
      "time per valid cell of its niche: five cells as one batch under the grammar, over free answers one by one, temperature 1"
    guard case .live(let model) = source else {
      return StudyResult(
        claims: [
          .notTested(id: "T2", statement: statement, criterion: .atMost(1.0 / 3), reason: source.missing ?? "no model")
        ])
    }
    let constrained = try constrained(model, prompts)
    let free = try await free(model, prompts)
    let valid = "\(free.valid) of \(free.answers) free answers are a cell of the niche"
    guard free.valid > 0 else {
      return StudyResult(
        claims: [
          Claim(
            id: "T2", statement: statement, isTrue: true,
            note: "\(valid); \(text(constrained)) per cell under the grammar")
        ])
    }
    let perValid = free.seconds / Double(free.valid)
    return StudyResult(
      claims: [
        Claim(
          id: "T2", statement: statement, measured: MeasuredValue(constrained / perValid, decimals: 3),
          criterion: .atMost(1.0 / 3), note: "\(valid); \(text(constrained)) against \(text(perValid)) per valid cell")
      ])
  }

  private func text(_ seconds: Double) -> String { MeasuredValue(1_000 * seconds, unit: "ms", decimals: 1).text }

  /// Seconds per cell under the grammar, all of which are valid.
  private func constrained(_ model: LlamaDigitModel, _ prompts: Prompts) throws -> Double {
    let proposer = try ConstrainedProposer(
      model, partition: .conv3x3, prompts: prompts,
      task: PromptTask(device: "edgegpu", dataSet: "cifar10", isDetailed: false))
    var cells = 0
    let start = ContinuousClock.now
    for call in 0..<workload.freeAnswers {
      let decoded = try proposer.propose(
        to: message(niche: call % 6, prompts), niche: call % 6, count: Self.batch, seed: UInt64(call))
      cells += decoded.cells.count
    }
    return (ContinuousClock.now - start).seconds / Double(cells)
  }

  private func message(niche: Int, _ prompts: Prompts) -> String {
    "Niche: \(Partition.conv3x3.descriptions[niche]). \(prompts.baselineNormal)"
  }

  private func free(
    _ model: LlamaDigitModel, _ prompts: Prompts
  ) async throws -> (seconds: Double, answers: Int, valid: Int) {
    var valid = 0
    let start = ContinuousClock.now
    for call in 0..<workload.freeAnswers {
      try context.checkCancellation()
      let niche = call % 6
      let reply = try await model.chat.reply(
        to: ChatRequest(
          [.system(prompts.system), .user(message(niche: niche, prompts))],
          sampling: SamplingOptions(temperature: 1, seed: UInt64(call)), maximumTokens: Self.freeTokens))
      let cells = AnswerParser.cells(reply.text).proposals.map(\.cell)
      if let cell = cells.first, Partition.conv3x3.niche(of: cell) == niche { valid += 1 }
    }
    return ((ContinuousClock.now - start).seconds, workload.freeAnswers, valid)
  }
}
