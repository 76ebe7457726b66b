import JSONC
import ReproductionKit

/// Who answers in the study of the local model: the weights on this machine, or the recording that the package ships.
enum ModelSource: Sendable {
  case live(LlamaDigitModel)
  case recorded(ShippedRecording)

  /// SmolLM2 if it is here and not declined, else its recording.
  static func open(_ context: RunContext) throws -> ModelSource {
    guard context.option("model", default: "auto") != "recorded", context.catalog.isAvailable("smollm2") else {
      let recording = try ShippedRecording.load()
      context.record(
        DataSource(
          name: "answers of \(recording.model)", origin: .recorded, license: "Apache-2.0", location: "embedded",
          note: "quick scale, seed 0"))
      return .recorded(recording)
    }
    return .live(try LlamaDigitModel.open(context.catalog.resolve("smollm2").url))
  }

  /// Name for reports; says when answers are replayed.
  var name: String {
    switch self {
    case .live(let model): model.name
    case .recorded(let recording): "\(recording.model), replayed"
    }
  }

  /// Why what only weights can show is not tested; nil with weights.
  var missing: String? {
    switch self {
    case .live: nil
    case .recorded: "SmolLM2's weights are not in use; its recorded answers are replayed"
    }
  }
}
