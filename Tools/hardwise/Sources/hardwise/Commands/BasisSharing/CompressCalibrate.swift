import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise basissharing calibrate`
struct CompressCalibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Sum the Grams of what every matrix reads; `inspect` and `plan` use the file.")

  @OptionGroup var source: ModelArguments
  @OptionGroup var calibration: CalibrationArguments

  @Option(
    help: ArgumentHelp("The file to write, 400 MB for SmolLM2; an unfinished one is gone on with.", valueName: "file"))
  var out = "grams"

  @OptionGroup var output: OutputOptions

  func run() throws {
    try calibration.check()
    let file = try source.file()
    let calibrator = try calibration.calibrator(file)
    let model = try LlamaModel(file, options: .exact)
    let long = LongWork()
    let start = ContinuousClock.now
    let grams = try calibrator.grams(
      model, checkpoint: URL(fileURLWithPath: out), progress: long.progress, isCancelled: { long.isCancelled })
    long.finish()
    let seconds = (ContinuousClock.now - start).seconds
    let summary = Summary(path: out, tokens: grams.tokens, sites: grams.keys.count, seconds: seconds)
    try output.emit(
      summary,
      text: String(
        format: "%@: %d Grams over %d tokens in %.0f s (%.0f tokens/s)", out, summary.sites, summary.tokens, seconds,
        Double(summary.tokens) / seconds))
  }

  private struct Summary: Encodable {
    let path: String
    let tokens, sites: Int
    let seconds: Double
  }
}

/// Grams from a file of `calibrate`, or collected now.
struct GramArguments: ParsableArguments {
  @OptionGroup var source: ModelArguments
  @OptionGroup var calibration: CalibrationArguments

  @Option(help: ArgumentHelp("Grams that `calibrate` wrote with the same model, text and windows.", valueName: "file"))
  var grams: String?

  func compressor(_ file: ModelFile, _ long: LongWork) throws -> Compressor {
    let calibrator = try calibration.calibrator(file)
    let model = try LlamaModel(file, options: .exact)
    let store = try calibrator.grams(
      model, checkpoint: grams.map { URL(fileURLWithPath: $0) }, progress: long.progress,
      isCancelled: { long.isCancelled })
    return Compressor(model: model, grams: store)
  }
}
