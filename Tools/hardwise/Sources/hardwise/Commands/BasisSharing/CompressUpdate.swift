import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// A compressed file that a command changes.
struct CompressedArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("A file that `compress` wrote.", valueName: "file.gguf"))
  var file: String

  @Option(help: "Format of the factors; as in the file by default.")
  var type: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file.gguf"))
  var out: String

  func open() throws -> ModelFile { try ModelFile(contentsOf: URL(fileURLWithPath: file)) }

  /// The format of the factors to write.
  func precision(_ source: ModelFile) throws -> TensorType {
    guard let type else { return source.tensors.first { $0.name.hasSuffix(".coef") }?.type ?? .f32 }
    guard let known = TensorType(name: type) else {
      throw ValidationError("--type is '\(type)'; give f32, f16, bf16, q8_0, q5_1, q5_0, q4_1 or q4_0")
    }
    return known
  }

  /// Writes the model and reports it.
  func write(
    _ model: CompressedModel, _ source: ModelFile, since start: ContinuousClock.Instant, _ output: OutputOptions
  )
    throws
  {
    let url = URL(fileURLWithPath: out)
    try model.write(to: url, source: source, precision: precision(source))
    let summary = CompressionSummary(
      model, written: try ModelFile(contentsOf: url), source: source, seconds: (ContinuousClock.now - start).seconds)
    try output.emit(summary, text: summary.text)
  }
}

/// `hardwise basissharing update`
struct CompressUpdate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Refit the coefficients of a compressed file to the inputs that its layers now see.")

  @OptionGroup var compressed: CompressedArguments
  @OptionGroup var source: ModelArguments
  @OptionGroup var calibration: CalibrationArguments

  @Option(help: "all-at-once (the public code) or sequential (layer by layer).")
  var mode = UpdateMode.sequential

  @Option(help: "What is refitted to: group, layer, cross (the original outputs).")
  var target = UpdateTarget.cross

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try compressed.open()
    let dense = try source.file()
    let start = ContinuousClock.now
    var model = try CompressedModel(file)
    guard dense.config == file.config else {
      throw BasisSharingError.unsupportedModel("\(compressed.file) was not made of \(dense.url.lastPathComponent)")
    }
    let long = LongWork()
    try CoefficientUpdate(
      original: LlamaModel(dense, options: .exact), calibrator: calibration.calibrator(dense), mode: mode,
      target: target
    ).apply(to: &model, progress: long.progress, isCancelled: { long.isCancelled })
    long.finish()
    try compressed.write(model, file, since: start, output)
  }
}
