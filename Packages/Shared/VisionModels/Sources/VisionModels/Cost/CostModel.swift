/// Predicts time, energy and accelerator cycles of every layer of a network from shapes alone.
public struct CostModel: Sendable {
  /// The physical constants.
  public var constants: CostConstants
  /// Cores that share the arithmetic.
  public var cores = 1
  /// Format of weights and activations for energy and bytes (the roofline's peak is for Float32).
  public var precision = Precision.float32
  /// Whether output channels are rounded up to whole vector registers: effective O = ⌈O/lanes⌉·lanes.
  public var quantizesLanes = false
  /// Whether batch norm, activations, adds and reshapes cost nothing, as in ``InferenceEngine``, which fuses them.
  public var fusesElementwise = true

  /// Creates a model; see ``CostConstants/measuringProcessor()`` for this machine.
  public init(constants: CostConstants) {
    self.constants = constants
  }

  /// The model with the package's constants.
  public static func standard() throws(NetworkError) -> CostModel {
    CostModel(constants: try CostConstants.standard())
  }

  /// Estimates of every node and their sums.
  /// - Parameter batch: images processed together; weights are read once per batch.
  public func estimate(_ network: Network, batch: Int = 1) -> CostEstimate {
    CostEstimate(batch: batch, layers: network.cost().layers.map { estimate($0, batch: batch) })
  }

  /// The estimate of one layer.
  public func estimate(_ layer: LayerCost, batch: Int = 1) -> LayerEstimate {
    if layer.kind == "input" || (fusesElementwise && Self.fusedKinds.contains(layer.kind)) {
      return LayerEstimate(cost: layer)
    }
    let (seconds, limit) = roofline(layer, batch: batch)
    var estimate = LayerEstimate(cost: layer)
    estimate.seconds = seconds
    estimate.limit = limit
    fillAccelerator(&estimate, layer, batch: batch)
    return estimate
  }

  static let fusedKinds: Set<String> = [
    "batchNorm", "relu", "relu6", "gelu", "silu", "sigmoid", "hardSigmoid", "tanh", "leakyReLU", "add", "identity",
    "dropout", "flatten", "scale",
  ]

  // MARK: - Roofline: t = max(2·MACs / peak, bytes / bandwidth) + t0

  private func roofline(_ layer: LayerCost, batch: Int) -> (seconds: Double, limit: LayerEstimate.Limit) {
    let processor = constants.processor
    var macs = Double(layer.macs * batch)
    if quantizesLanes, let matrix = layer.matrix {
      let lanes = Int(processor.lanes.value)
      macs *= Double(ceilDivide(matrix.outputs, lanes) * lanes) / Double(matrix.outputs)
    }
    let scale = Double(precision.bytes) / 4
    let bytes = scale * Double(layer.weightBytes + batch * (layer.inputBytes + layer.outputBytes))
    let compute = 2 * macs / (processor.peakGFLOPsPerCore.value * 1e9 * Double(cores))
    let memory = bytes / (processor.bandwidthGBps.value * 1e9)
    let overhead = processor.layerOverheadMicroseconds.value * 1e-6
    if overhead > max(compute, memory) { return (max(compute, memory) + overhead, .overhead) }
    return (max(compute, memory) + overhead, compute >= memory ? .compute : .memory)
  }

  // MARK: - Energy and cycles

  private func fillAccelerator(_ estimate: inout LayerEstimate, _ layer: LayerCost, batch: Int) {
    let energy = constants.energy
    let array = constants.systolic
    let bytes = precision.bytes
    let (weights, inputs, outputs) = (layer.weightBytes / 4, layer.inputBytes / 4, layer.outputBytes / 4)
    var sram = (inputs + outputs) * batch + weights
    if let matrix = layer.matrix {
      let batched = LayerCost.MatrixShape(
        outputPixels: matrix.outputPixels * batch, reduction: matrix.reduction, outputs: matrix.outputs,
        groups: matrix.groups)
      estimate.cycles = array.cycles(batched)
      estimate.utilisation = array.utilisation(batched)
      let traffic = array.traffic(batched, inputs: inputs * batch)
      sram = traffic.weights + traffic.inputs + traffic.outputs
    }
    let fits = Double(bytes * (inputs + outputs)) <= 1024 * array.sramKB.value
    let dram = weights + (fits ? 0 : (inputs + outputs) * batch)
    estimate.sramBytes = bytes * sram
    estimate.dramBytes = bytes * dram
    estimate.macPicojoules = Double(layer.macs * batch) * energy.mac(precision)
    estimate.sramPicojoules = Double(estimate.sramBytes) * energy.sramByte(kilobytes: array.sramKB.value)
    estimate.dramPicojoules = Double(estimate.dramBytes) * energy.dramByte.value
    estimate.acceleratorSeconds = Double(estimate.cycles) / (array.clockMHz.value * 1e6)
  }
}
