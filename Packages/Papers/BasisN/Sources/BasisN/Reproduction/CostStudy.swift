import ReproductionKit

/// Cycles and energy of all networks of table 4.2 under every write model, from scheduled cycles.
struct CostStudy {
  let context: RunContext
  let workload: Workload
  let hardware: HardwareConfiguration
  let shapes: [NetworkShape]

  init(context: RunContext, workload: Workload) throws {
    self.context = context
    self.workload = workload
    hardware = try HardwareConfiguration.standard()
    shapes = try NetworkShape.allBuiltIn()
  }

  /// Loads of all networks with one model's patterns: real for the network that was encoded, drawn for the others.
  struct Loads: Codable, Sendable {
    var loads: [BasisLoad]
    var balanced: [BasisLoad]
    /// Name of the network whose load is real; nil if none is.
    var real: String?
  }

  /// The map's rows: one network under one write model and input mode, percent of reprogramming with batch 1.
  struct Row: Codable, Sendable {
    var network: String
    var write: String
    var dacBits: Int
    var cycles: Double
    var balancedCycles: Double
    var energyDelay: Double
    var breakEvenBatch: Int?
  }

  func loads(_ name: String, _ model: BasisNModel, _ schedule: NetworkSchedule) throws -> Loads {
    try context.step("loads-\(name)") {
      let sampler = PatternSampler(model)
      let own = model.network.name == "resnet20" && model.layers.count == 20 ? shapes[0].name : nil
      let slices = Double(model.layers.reduce(0) { $0 + $1.scales.count })
      let setBits = Double(model.layers.reduce(0) { $0 + $1.setBits }) / slices
      var loads: [BasisLoad] = []
      var balanced: [BasisLoad] = []
      for shape in shapes {
        try context.checkCancellation()
        let bits = Double(model.coefficientBits) / slices * Double(shape.kernelSlices(rows: hardware.rows))
        loads.append(
          shape.name == own
            ? BasisLoad(schedule, model: model)
            : try sampler.load(
              of: shape, lines: schedule.lines, draws: workload.drawnContests, rounds: min(30, workload.scheduleRounds),
              coefficientBits: bits, rows: hardware.rows, seed: context.seed))
        balanced.append(
          BasisLoad(
            balanced: shape, basis: model.basis.count, setBits: setBits, bits: model.configuration.bits,
            nonzeros: model.configuration.nonzeros, lines: schedule.lines, rows: hardware.rows))
      }
      return Loads(loads: loads, balanced: balanced, real: own)
    }
  }

  /// Percent of reprogramming: cycles and energy-delay product.
  func percent(
    _ load: BasisLoad, _ shape: NetworkShape, write: String, crossbars: Int, dacBits: Int, batch: Int = 1,
    combiner: Combiner = .analogRouting
  ) throws -> (cycles: Double, energyDelay: Double) {
    let model = try CostModel(hardware, write: write, crossbars: crossbars, dacBits: dacBits)
    let own = try model.basis(load, combiner: combiner)
    let other = try model.reprogramming(shape, batch: batch)
    return (100 * own.cycles / other.cycles, 100 * own.energyDelay / other.energyDelay)
  }

  /// The whole map for one model's loads.
  func map(_ loads: Loads, crossbars: Int) throws -> [Row] {
    var rows: [Row] = []
    for (index, shape) in shapes.enumerated() {
      for write in hardware.writeNames {
        for dacBits in [1, 8] {
          let model = try CostModel(hardware, write: write, crossbars: crossbars, dacBits: dacBits)
          let scheduled = try percent(
            loads.loads[index], shape, write: write, crossbars: crossbars, dacBits: dacBits)
          let ideal = try percent(
            loads.balanced[index], shape, write: write, crossbars: crossbars, dacBits: dacBits)
          rows.append(
            Row(
              network: shape.name, write: write, dacBits: dacBits, cycles: scheduled.cycles,
              balancedCycles: ideal.cycles, energyDelay: scheduled.energyDelay,
              breakEvenBatch: try BreakEven.batch(shape, load: loads.loads[index], model: model)))
        }
      }
    }
    return rows
  }

  /// All schemes side by side for one network.
  func schemes(
    _ loads: Loads, index: Int, write: String, crossbars: Int, rewriting: BaselineStudy.Rewriting
  ) throws -> [CostReport] {
    let model = try CostModel(hardware, write: write, crossbars: crossbars, dacBits: 8)
    let shape = shapes[index]
    var reports = [try model.basis(loads.loads[index]), try model.perLayerBasis(loads.loads[index])]
    for batch in [1, 8, 64] {
      var report = try model.reprogramming(shape, batch: batch)
      report.scheme += " (batch \(batch))"
      reports.append(report)
    }
    reports.append(try model.reprogramming(shape, overlaps: true))
    reports.append(try model.reprogramming(shape, changedCells: rewriting.sorted.share))
    reports.append(try model.resident(shape))
    return reports
  }
}
