import TinyTensor
import VisionModels

/// A model on programmed crossbars, ready to classify images.
public struct Chip: Sendable {
  /// The model.
  public let model: BasisNModel
  /// The physics.
  public let configuration: CrossbarConfiguration
  /// How columns are combined.
  public let combiner: Combiner
  /// The basis as the crossbars hold it.
  public let basis: ProgrammedBasis

  /// Windows per layer that converter ranges are calibrated on.
  static let calibrationWindows = 512

  /// Programs a chip.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)`` and what the physics throw.
  public init(
    _ model: BasisNModel, configuration: CrossbarConfiguration, combiner: Combiner = .analogRouting
  ) throws(BasisNError) {
    self.model = model
    self.configuration = configuration
    self.combiner = combiner
    basis = try ProgrammedBasis(model.basis, configuration: configuration)
  }

  /// The network that the chip computes, and counters of its conversions, layer by layer.
  /// - Parameter calibration: what the layers see on calibration images; needed for calibrated converters.
  public func network(
    calibration: LayerInputs
  ) throws(BasisNError) -> (network: Network, statistics: [ConversionStatistics]) {
    let counters = model.layers.map { ConversionStatistics(layer: $0.shape.name) }
    let network = try model.mapped { layer throws(BasisNError) in
      guard let counter = counters.first(where: { $0.layer == layer.shape.name }) else {
        throw .mismatch("no counter for layer \(layer.shape.name)")
      }
      return try product(for: layer, calibration: calibration, statistics: counter)
    }
    return (network, counters)
  }

  private func product(
    for layer: EncodedLayer, calibration: LayerInputs, statistics: ConversionStatistics
  ) throws(BasisNError) -> CrossbarProduct {
    let kernels = layer.shape.kernelsPerGroup
    var groups: [[CrossbarProduct.Slice]] = []
    for group in 0..<layer.shape.groups {
      let windows = try sampleWindows(layer, group: group, calibration)
      groups.append(
        (0..<layer.slicing.count).map { position in
          let numbers = (group * kernels..<(group + 1) * kernels).map { layer.slice(kernel: $0, position: position) }
          return slice(layer, numbers, rows: layer.slicing.range(position), windows: windows)
        })
    }
    return CrossbarProduct(
      slices: groups, kernels: kernels, inputBits: layer.input.bits,
      dacBits: min(configuration.dacBits, layer.input.bits),
      maximumCode: configuration.converter?.maximumCode ?? 0, seed: configuration.seed, statistics: statistics)
  }

  private func slice(
    _ layer: EncodedLayer, _ numbers: [Int], rows: Range<Int>, windows: Tensor?
  ) -> CrossbarProduct.Slice {
    let vectors = model.basis.count
    let columns = basis.levels.slice(0..<rows.count)
    let variances = configuration.readNoise > 0 ? basis.noiseVariances.slice(0..<rows.count) : nil
    let whole = integers(layer, numbers) { $0 }
    // What an input of one step on every row reads: the effect of the zero point, measured like everything else.
    let ones = Tensor(repeating: Float(layer.input.zeroPoint), shape: [1, rows.count])
    let offsets = matmul(matmul(ones, columns), whole).scalars
    let scales = numbers.map { layer.scales[$0] }
    guard combiner == .analogRouting else {
      let bank = bank(layer, columns, variances, lineCount: vectors, weight: 1, rows: rows, windows: windows)
      return .init(rows: rows, banks: [bank], combination: whole, scales: scales, offsets: offsets)
    }
    let banks = (0..<model.configuration.quantizer.magnitudeBits).map { bit in
      let signs = integers(layer, numbers) { value in abs(value) >> bit & 1 == 1 ? value.signum() : 0 }
      let present = numbers.count { number in layer.terms(number).contains { abs($0.value) >> bit & 1 == 1 } }
      return bank(
        layer, matmul(columns, signs), variances.map { matmul($0, signs.map { abs($0) }) }, lineCount: present,
        weight: Float(1 << bit), rows: rows, windows: windows)
    }
    return .init(rows: rows, banks: banks, combination: nil, scales: scales, offsets: offsets)
  }

  /// Coefficients of kernel slices as a matrix `[vectors, kernels]`.
  private func integers(_ layer: EncodedLayer, _ numbers: [Int], _ part: (Int) -> Int) -> Tensor {
    var result = Tensor(zeros: [model.basis.count, numbers.count])
    result.withUnsafeMutableBufferPointer { target in
      for (column, number) in numbers.enumerated() {
        for (atom, value) in layer.terms(number) { target[atom * numbers.count + column] = Float(part(value)) }
      }
    }
    return result
  }

  private func bank(
    _ layer: EncodedLayer, _ levels: Tensor, _ variances: Tensor?, lineCount: Int, weight: Float, rows: Range<Int>,
    windows: Tensor?
  ) -> CrossbarProduct.Bank {
    var step: Float?
    if let converter = configuration.converter {
      step = converter.step(range: range(converter, layer, levels, rows: rows, windows: windows))
    }
    return .init(levels: levels, variances: variances, step: step, lineCount: lineCount, weight: weight)
  }

  private func range(
    _ converter: ConverterConfiguration, _ layer: EncodedLayer, _ levels: Tensor, rows: Range<Int>, windows: Tensor?
  ) -> Float {
    let dacBits = min(configuration.dacBits, layer.input.bits)
    let largestInput = Float((1 << dacBits) - 1)
    switch converter.range {
    case .explicit(let value): return Float(value)
    case .fullScale: return columnSums(levels.map { abs($0) }).max() * largestInput
    case .calibrated(let percentile):
      guard let windows else { return largestInput }
      var magnitudes: [Float] = []
      for cycle in 0..<CrossbarProduct.cycles(inputBits: layer.input.bits, dacBits: dacBits) {
        let digits = CrossbarProduct.digits(windows, rows, cycle: cycle, bits: dacBits, inputBits: layer.input.bits)
        magnitudes += matmul(digits, levels).scalars.map(abs)
      }
      magnitudes.sort()
      let place = Int((Double(magnitudes.count - 1) * percentile / 100).rounded(.up))
      return magnitudes[max(0, min(magnitudes.count - 1, place))]
    }
  }

  /// Some windows of what a layer saw, evenly spread.
  private func sampleWindows(
    _ layer: EncodedLayer, group: Int, _ calibration: LayerInputs
  ) throws(BasisNError) -> Tensor? {
    guard case .calibrated = configuration.converter?.range else { return nil }
    guard let inputs = calibration.tensors[layer.shape.name] else {
      throw .mismatch("no calibration inputs for layer \(layer.shape.name)")
    }
    let windows = try MappedLayer.windows(of: inputs, layer: layer, in: model.network, group: group)
    let count = windows.shape[0]
    let stride = max(1, count / Self.calibrationWindows)
    return windows.gatheredRows(Array(Swift.stride(from: 0, to: count, by: stride)))
  }
}
