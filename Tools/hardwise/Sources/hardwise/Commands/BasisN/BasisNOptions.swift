import ArgumentParser
import BasisN
import Foundation
import ImageDataset
import VisionModels

/// How kernels become combinations of basis vectors.
struct EncodingOptions: ParsableArguments {
  @Option(help: "Global basis vectors (B).")
  var basis = 128

  @Option(help: "Basis vectors per kernel slice (K).")
  var nonzeros = 16

  @Option(help: "Bits of a coefficient, sign included.")
  var bits = 4

  @Option(help: "Bits of a memory cell.")
  var cellBits = 4

  @Option(help: "Word lines of a crossbar.")
  var rows = 128

  @Option(help: "Coefficients: uniform, powerOfTwo or ternary.")
  var coefficients = CoefficientSet.uniform

  @Option(help: "Factor of a slice: perSlice, perKernel or powerOfTwo.")
  var scale = EncodingConfiguration.Scale.perSlice

  @Option(help: "Weight of the contest for columns while coding; 0 ignores it.")
  var contest = 1.0

  @Option(help: ArgumentHelp("Layers that stay digital; repeatable.", valueName: "layer"))
  var digital: [String] = []

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  func configuration() throws -> EncodingConfiguration {
    let configuration = EncodingConfiguration(
      basis: basis, rows: rows, nonzeros: nonzeros, bits: bits, cellBits: cellBits, coefficients: coefficients,
      scale: scale, contest: contest, digitalLayers: Set(digital), seed: seed)
    try configuration.validate()
    return configuration
  }
}

/// The physics of a crossbar.
struct PhysicsOptions: ParsableArguments {
  @Option(help: "Relative standard deviation of programmed conductances.")
  var variation = 0.0

  @Option(help: "Share of cells stuck at level 0, and as many at the highest level.")
  var stuck = 0.0

  @Option(help: "Relative read noise of a cell.")
  var readNoise = 0.0

  @Option(help: ArgumentHelp("Resistance of a wire segment; 0 for perfect wires.", valueName: "ohms"))
  var wire = 0.0

  @Option(help: ArgumentHelp("Exponent of the conductance drift (t/t0)^-v.", valueName: "v"))
  var drift = 0.0

  @Option(help: ArgumentHelp("Time since programming, in units of t0.", valueName: "t/t0"))
  var time = 1.0

  @Option(help: "Bits of the converters; none converts exactly.")
  var adcBits: Int?

  @Option(help: ArgumentHelp("Converter range as a percentile of what calibration images show.", valueName: "percent"))
  var adcPercentile = 99.9

  @Option(help: "Bits that a word line carries at once; 1 is bit-serial.")
  var dacBits = 8

  @Option(help: "analogRouting, digitalSteering or digitalReuse.")
  var combiner = Combiner.analogRouting

  func configuration(for model: BasisNModel, seed: UInt64) throws -> CrossbarConfiguration {
    let configuration = CrossbarConfiguration(
      rows: model.configuration.rows, cell: CellModel(bits: model.basis.cellBits),
      programming: variation > 0 ? .proportional(sigma: variation) : .none, stuckLow: stuck, stuckHigh: stuck,
      driftExponent: drift, driftTime: time, readNoise: readNoise, wireResistance: wire, dacBits: dacBits,
      converter: adcBits.map { ConverterConfiguration(bits: $0, range: .calibrated(percentile: adcPercentile)) },
      seed: seed)
    try configuration.validate()
    return configuration
  }
}

/// The images of a command on a `.basisn` file, and what its layers see on training images.
struct BasisNWorkspace {
  let model: BasisNModel
  let splits: DatasetSplits
  let normalization: Normalization
  let calibration: LayerInputs

  init(file: String, data: DataOption) throws {
    model = try BasisNFile.read(URL(fileURLWithPath: file))
    splits = try data.open(for: model.network.inputShape)
    normalization = model.network.scaling(for: splits.train)
    let images = splits.train.batch(0..<min(16, splits.train.count), normalization: normalization).images
    calibration = try LayerInputs(of: model.layers.map(\.shape.name), in: model.network, images: images)
  }
}

extension CoefficientSet: ExpressibleByArgument {}
extension EncodingConfiguration.Scale: ExpressibleByArgument {}
extension Combiner: ExpressibleByArgument {}
