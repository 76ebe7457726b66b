import ReproductionKit
import TinyTensor
import VisionModels

/// Claims F6 and F7: what fewer filters are worth in milliseconds, and whether the cost model knows.
struct SpeedStudy {
  let context: RunContext
  let workload: Workload

  /// Everything measured.
  struct Outcome: Codable {
    var depth: Int
    var latency: [LatencyRow]
    var predictions: [LayerPrediction]
    var staircase: LaneStaircase
    var layerTimes: LayerTimeModel
    var systolic: [Systolic]
  }

  /// The accelerator's view of one width.
  struct Systolic: Codable {
    var name: String
    var size: Int
    var cycles: Int
    var microjoules: Double
  }

  /// Names of the variants.
  static let half = "×0.5"
  static let lanes = "lane-rounded"
  private static let quarters = [("×0.75", 0.75), ("×0.81 (odd)", 0.83), (half, 0.5), ("×0.25", 0.25)]

  func run(progress: ProgressReporter) throws -> Outcome {
    try context.step("speed") {
      let settings = try HardwareSettings.standard()
      progress.report(0, "calibrating the cost model")
      let networks = try variants()
      let calibration = try MachineCalibration(for: networks[0].network)
      try context.checkCancellation()
      // Right after the calibration: a machine that changes its clock in the minutes between would look like a wrong model.
      progress.report(0.2, "layers")
      let predictions = try Threads.withCount(1) {
        try [1, 16].map { try LayerPrediction(networks, batch: $0, calibration: calibration) }
      }
      try context.checkCancellation()
      progress.report(0.4, "latency")
      var meter = LatencyMeter(settings)
      meter.rounds = workload.latencyRounds
      if context.scale == .quick { meter.threads = [1] }
      let latency = try meter.compare(networks)
      try context.checkCancellation()
      let staircase = try LaneStaircase(settings.staircase, calibration: calibration)
      return Outcome(
        depth: workload.latencyDepth, latency: latency, predictions: predictions, staircase: staircase,
        layerTimes: calibration.layerTimes, systolic: systolic(networks, calibration.roofline, settings))
    }
  }

  /// The unpruned network and its narrower versions: only internal widths change, the weights do not matter for time.
  private func variants() throws -> [(name: String, network: Network)] {
    var base = try Models.resnetCIFAR(depth: workload.latencyDepth)
    base.initialize(seed: context.seed)
    let units = try ChannelUnits(base)
    let scores = try RandomCriterion().scores(base, context: ScoringContext(seed: context.seed))
    var result = [(name: "unpruned", network: base)]
    for (name, factor) in Self.quarters {
      result.append((name, try scaled(base, units, factor: factor)))
    }
    let rule = RemovalRule(
      strategy: .percentage(0.35), allocation: .uniform, roundTo: MachineProbe.channelTile)
    let plan = try rule.plan(base, scores: scores, units: units)
    result.append((Self.lanes, try base.pruned(by: plan, units: units)))
    return result
  }

  private func scaled(_ network: Network, _ units: ChannelUnits, factor: Double) throws -> Network {
    var remove: [String: [Int]] = [:]
    let internalLayers = Set(units.prunable(scope: .internal).compactMap { units.unit($0).producers.first?.layer })
    for (layer, width) in PruningHistory.widths(of: network) where internalLayers.contains(layer) {
      remove[layer] = Array(Int((factor * Double(width)).rounded())..<width)
    }
    let plan = try PruningPlan(removing: remove, from: network, units: units)
    return try network.pruned(by: plan, units: units)
  }

  private func systolic(
    _ networks: [(name: String, network: Network)], _ model: CostModel, _ settings: HardwareSettings
  ) -> [Systolic] {
    let sizes = [settings.systolicSizes.small, settings.systolicSizes.default, settings.systolicSizes.edge]
    return networks.flatMap { entry in
      sizes.map { size in
        var accelerator = model
        let side = Int(size.value)
        accelerator.constants.systolic = model.constants.systolic.with(rows: side, columns: side)
        let estimate = accelerator.estimate(entry.network)
        return Systolic(
          name: entry.name, size: side, cycles: estimate.cycles, microjoules: estimate.joules * 1e6)
      }
    }
  }
}

extension SpeedStudy.Outcome {
  private func speedUp(_ name: String, batch: Int) -> Double {
    latency.first { $0.name == name && $0.batch == batch && $0.threads == 1 }?.speedUp ?? .nan
  }

  private func best(batch: Int) -> String {
    let row = latency.first { $0.name == SpeedStudy.half && $0.batch == batch && $0.threads == 1 }
    return row.map { "\(($0.bestSpeedUp * 100).rounded() / 100)" } ?? "?"
  }

  /// F6.
  func speedClaim() -> Claim {
    let slowest = latency.filter { $0.name == SpeedStudy.lanes }.map(\.speedUp).min() ?? .nan
    return Claim(
      id: "F6",
      statement:
        "real speed: internal widths ×0.5 give ≥ 1.5× at batch 1 and ≥ 1.6× at batch 128 on one thread; lane-rounded widths are never slower",
      paperValue: "1.26×, 1.21× (PyTorch, specification)",
      measured: [
        MeasuredValue(speedUp(SpeedStudy.half, batch: 1), unit: "×", label: "batch 1", decimals: 2),
        MeasuredValue(speedUp(SpeedStudy.half, batch: 128), unit: "×", label: "batch 128", decimals: 2),
        MeasuredValue(slowest, unit: "×", label: "slowest lane-rounded", decimals: 2),
      ], criterion: .each([.atLeast(1.5), .atLeast(1.6), .atLeast(1)]),
      note: "ResNet-\(depth); from the fastest passes \(best(batch: 1))× and \(best(batch: 128))×")
  }

  /// F7.
  func modelClaim() -> Claim {
    let names = predictions[0].networks
    func lowest(_ path: KeyPath<LayerPrediction.Step, Double>, network: String? = nil) -> Double {
      predictions.map { $0.rankCorrelation(path, network: network) }.min() ?? .nan
    }
    func worst(_ path: KeyPath<LayerPrediction.Step, Double>) -> Double {
      100 * (predictions.flatMap { prediction in names.map { prediction.totalError(path, network: $0) } }.max() ?? .nan)
    }
    func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    return Claim(
      id: "F7",
      statement: "the cost model predicts layers: rank correlation ≥ 0.8, total within 30 %",
      measured: [
        MeasuredValue(lowest(\.predicted, network: names[0]), label: "rank correlation, unpruned", decimals: 3),
        MeasuredValue(lowest(\.predicted), label: "over all widths", decimals: 3),
        MeasuredValue(worst(\.predicted), unit: "%", label: "largest error of a total", decimals: 1),
      ], criterion: .each([.atLeast(0.8), .atLeast(0.8), .atMost(30)]),
      note:
        "ResNet-\(depth), \(names.count) widths, batch 1 and 16 (the worse counts), one thread; additive model fitted to "
        + "other convolutions; plain roofline: \(short(lowest(\.roofline, network: names[0]))), "
        + "\(short(lowest(\.roofline))), \(short(worst(\.roofline))) %")
  }
}
