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

  /// Opens the file; refuses to write where that cannot end well.
  func open() throws -> ModelFile {
    let source = try ModelFile(contentsOf: URL(fileURLWithPath: file))
    _ = try OutputFile.url(out, reading: source)
    return source
  }

  /// `--type`, if it is given and known.
  func precision() throws -> TensorType? { try type.map(PlanArguments.precision) }

  /// The format of the factors to write.
  private func precision(_ source: ModelFile) throws -> TensorType {
    try precision() ?? source.tensors.first { $0.name.hasSuffix(".coef") }?.type ?? .f32
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
    try calibration.check()
    _ = try compressed.precision()
    let file = try compressed.open()
    let dense = try source.file()
    let start = ContinuousClock.now
    let calibrator = try calibration.calibrator(dense)
    var model = try CompressedModel(file)
    guard dense.config == file.config else {
      throw BasisSharingError.unsupportedModel("\(compressed.file) was not made of \(dense.url.lastPathComponent)")
    }
    let long = LongWork()
    try CoefficientUpdate(
      original: LlamaModel(dense, options: .exact), calibrator: calibrator, mode: mode, target: target
    ).apply(to: &model, progress: long.progress, isCancelled: { long.isCancelled })
    long.finish()
    try compressed.write(model, file, since: start, output)
  }
}
