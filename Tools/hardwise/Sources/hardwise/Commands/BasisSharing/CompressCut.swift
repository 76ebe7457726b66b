import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel

/// `hardwise basissharing cut`
struct CompressCut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut",
    abstract: "Make a smaller, faster file from a compressed one in seconds: the first part of every basis.",
    discussion: """
      Basis vectors are ordered by their singular values, so their first part is the best basis of that size, and no \
      calibration is needed. `update` refits the coefficients afterwards; `eval --keep` tries a part without writing it.
      """)

  @OptionGroup var compressed: CompressedArguments

  @Option(help: "Part of the basis vectors to keep, above 0, at most 1.")
  var keep: Double

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard keep > 0, keep <= 1 else { throw ValidationError("--keep is \(keep); give a number above 0, at most 1") }
    _ = try compressed.precision()
    let start = ContinuousClock.now
    let file = try compressed.open()
    try compressed.write(CompressedModel(file).truncated(keeping: keep), file, since: start, output)
  }
}
