import LanguageModel
import ReproductionKit

/// Zero-shot accuracies, printed beside the paper's; no criterion, since a model of this size answers near chance.
struct ChoiceStudy {
  let bench: Workbench
  static let sets = ["arc-easy", "arc-challenge", "openbookqa", "piqa", "winogrande"]

  private struct Row: Codable {
    let name: String
    let scores: [ChoiceTask.Score]
  }

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    guard bench.workload.questions > 0, bench.subject.reason == nil else { return StudyResult() }
    var tasks: [ChoiceTask] = []
    for name in Self.sets {
      guard let data = try? bench.context.catalog.resolve(name) else { continue }
      bench.context.record(data.source())
      tasks.append(try ChoiceTask(name: name, contentsOf: data.url, limit: bench.workload.questions))
    }
    guard !tasks.isEmpty else { return StudyResult() }
    let models: [(String, () throws -> LlamaModel)] = [
      ("dense", { bench.subject.model }),
      ("SVD-LLM 20 %", { try bench.compressed(.separate, ratio: 0.2).model() }),
      ("gqa + own refit 20 %", { try bench.compressed(.gqa, ratio: 0.2, refit: .own).model() }),
    ]
    var table = Table(
      title: "Zero-shot accuracy, first \(bench.workload.questions) questions of each set",
      caption: "By total log-likelihood; in brackets by log-likelihood per byte.",
      columns: [.text("model")] + tasks.map { .text($0.name) } + [.number("mean", decimals: 3)])
    for (index, (name, make)) in models.enumerated() {
      let row = try bench.context.step("choices-\(index)", as: Row.self) {
        let model = try make()
        return Row(
          name: name,
          scores: try tasks.map { task in
            try bench.context.checkCancellation()
            return try task.score(model, bench.subject.tokenizer) { done in
              progress.report(done, of: task.questions.count, "\(task.name), \(name)")
            }
          })
      }
      table.append(
        [.text(name)]
          + row.scores.map {
            .text(
              MeasuredValue($0.accuracy, decimals: 2).text + " ("
                + MeasuredValue($0.normalizedAccuracy, decimals: 2).text
                + ")")
          } + [.number(Statistics.mean(row.scores.map(\.accuracy)))])
    }
    return StudyResult(tables: [table])
  }
}
