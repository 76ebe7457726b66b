import ArgumentParser
import BasisN
import Foundation
import VisionModels

/// `hardwise basisn encode`
struct BasisNEncode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Learn a basis for a network and code its kernels, without fine-tuning.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption
  @OptionGroup var encoding: EncodingOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The encoded network.", valueName: "file"))
  var out = "model.basisn"

  @OptionGroup var output: OutputOptions

  func run() throws {
    let configuration = try encoding.configuration()
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    let normalization = network.scaling(for: splits.train)
    let bank = try SliceBank(network, configuration: configuration)
    let learned = try BasisLearner(configuration).learn(from: bank)
    if learned.randomVectors > 0 {
      Terminal.remark("\(learned.randomVectors) basis vectors are random: there are fewer kernel slices than vectors")
    }
    let code = try BasisCode(bank, basis: learned.basis, configuration: configuration)
    let fitted = try BatchNormRecalibration(
      images: splits.train, normalization: normalization, seed: configuration.seed
    ).apply(to: code.network(network))
    let model = try BasisNExport.model(code, network: fitted, images: splits.train, normalization: normalization)
    try BasisNFile.write(model, to: URL(fileURLWithPath: out))
    let summary = Summary(
      file: out, slices: bank.count, relativeError: learned.errors.last ?? 0, coefficientBits: model.coefficientBits,
      weights: model.layers.reduce(0) { $0 + $1.shape.weights })
    try output.emit(
      summary,
      text: """
        \(out): \(summary.weights) weights as \(summary.slices) kernel slices on \(configuration.basis) vectors
        relative error of the kernels \(NumberFormat.short(summary.relativeError)) before rounding, coefficients \
        \(summary.coefficientBits / 1000) kbit
        fine-tune with `hardwise basisn train`: conversion alone loses most of the accuracy
        """)
  }

  private struct Summary: Encodable {
    let file: String
    let slices: Int
    let relativeError: Double
    let coefficientBits: Int
    let weights: Int
  }
}
