import BasisN
import PELNAS
import VisionModels

/// Hardware models of other packages as devices of the search: the adapters that only the tool can write.
enum HardwareDevice: String, CaseIterable {
  /// Weight-stationary systolic array of the shared floor, time for one image.
  case systolic
  /// Roofline of a processor core, shared floor.
  case roofline
  /// Crossbars written once (BasisN), analog cycles and digital work for one image.
  case crossbar

  /// The model behind the word.
  func model() throws -> any HardwareModel {
    switch self {
    case .systolic: AcceleratorCost(model: try .standard())
    case .roofline: ProcessorCost(model: try .standard())
    case .crossbar: CrossbarCost(constants: try .standard())
    }
  }
}

private struct AcceleratorCost: HardwareModel {
  let model: VisionModels.CostModel
  var name: String { "systolic" }
  var unit: String { "ms" }
  func cost(of network: Network) -> Double { 1e3 * model.estimate(network).acceleratorSeconds }
}

private struct ProcessorCost: HardwareModel {
  let model: VisionModels.CostModel
  var name: String { "roofline" }
  var unit: String { "ms" }
  func cost(of network: Network) -> Double { 1e3 * model.estimate(network).seconds }
}

/// Two crossbars with a global basis of 128 vectors and evenly loaded columns.
private struct CrossbarCost: HardwareModel {
  let constants: HardwareConfiguration
  var name: String { "crossbar" }
  var unit: String { "ms" }

  func cost(of network: Network) throws -> Double {
    let crossbars = 2
    let model = try BasisN.CostModel(constants, write: "cellSequential-1us", crossbars: crossbars)
    let load = BasisLoad(
      balanced: try NetworkShape(network), basis: 128, setBits: 25.9, bits: 4, nonzeros: 16, lines: 16 * crossbars,
      rows: constants.rows)
    return 1e3 * (try model.basis(load)).seconds
  }
}
