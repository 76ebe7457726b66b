import FileKit
import JSONC
import ReproductionKit

/// What a small language model contributes, and its bias: B1, B2, C1, G1, R1, T1b, T2 and the loop with the local model.
struct LocalModelStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let source = try ModelSource.open(context)
    let prompts = try Prompts.standard()
    progress.report(0, "samples of \(source.name)")
    let samples = try samples(source, prompts)
    var result = try BiasStudy(subject: subject, source: source, samples: samples).run()
    progress.report(0.1, "grammar")
    result += try GrammarStudy(workload: workload, context: context).run(
      source, prompts, progress.phase("grammar", from: 0.1, to: 0.4))
    result += try await DecodingStudy(workload: workload, context: context).run(source, prompts)
    let loop = LocalLoopStudy(subject: subject, workload: workload, context: context, source: source, prompts: prompts)
    let (part, fingerprint) = try await loop.run(progress.phase("loop", from: 0.4, to: 1))
    result += part
    if let missing = source.missing { result.notes.append("\(missing).") }
    if case .live(let model) = source {
      let recording = ShippedRecording(
        model: model.name, fingerprint: model.fingerprint, samples: samples, searchFingerprint: fingerprint)
      try AtomicFile.write(JSON.encode(recording), to: context.file("recordings/samples.json"))
    }
    return result
  }

  private func samples(_ source: ModelSource, _ prompts: Prompts) throws -> [ModelSample] {
    switch source {
    case .recorded(let recording): return recording.samples
    case .live(let model):
      return try ModelSample.Setting.all.map { setting in
        try context.checkCancellation()
        return try .draw(setting, model, prompts, seed: context.seed)
      }
    }
  }
}
