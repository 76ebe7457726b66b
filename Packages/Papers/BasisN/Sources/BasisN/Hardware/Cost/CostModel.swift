/// Cycles and energy of a chip with few crossbars (section 4.2 of the specification).
public struct CostModel: Sendable {
  /// Constants.
  public var hardware: HardwareConfiguration
  /// How cells are written.
  public var write: WriteModel
  /// Crossbars on the chip (X).
  public var crossbars: Int
  /// Bits of an input (a).
  public var inputBits: Int
  /// Bits that a word line carries at once: 1 is bit-serial, `inputBits` one cycle.
  public var dacBits: Int
  /// Whether memory traffic (weights from DRAM, coefficients from SRAM) is counted.
  public var countsMemory: Bool

  /// Creates a model.
  /// - Throws: ``BasisNError/unknownName(kind:name:known:)``, ``BasisNError/invalidSetting(_:value:expected:)``.
  public init(
    _ hardware: HardwareConfiguration, write: String, crossbars: Int, inputBits: Int = 8, dacBits: Int = 8,
    countsMemory: Bool = true
  ) throws(BasisNError) {
    try require(crossbars >= 1, "crossbars", crossbars, "1 or more")
    try require((1...8).contains(inputBits), "input bits", inputBits, "1…8")
    try require((1...8).contains(dacBits), "dacBits", dacBits, "1…8")
    self.hardware = hardware
    self.write = try hardware.write(write)
    self.crossbars = crossbars
    self.inputBits = inputBits
    self.dacBits = dacBits
    self.countsMemory = countsMemory
  }

  /// Cycles in which the word lines apply one input.
  public var inputCycles: Int { (inputBits + dacBits - 1) / dacBits }

  /// Cycles of writing one crossbar completely.
  public var tileWriteCycles: Double {
    write.nanoseconds(cells: Double(hardware.cells)) / hardware.read.cycle.value
  }

  private var readPicojoules: Double {
    hardware.read.arrayEnergy.value + Double(hardware.rows) * hardware.read.dacEnergy.value
  }
  private var conversionPicojoules: Double { hardware.read.adcEnergy.value + hardware.read.addEnergy.value }

  /// A chip that runs every combination on one global basis, never written after the first time.
  /// - Parameters:
  ///   - replicas: copies of the basis; windows are split over them.
  /// - Throws: ``BasisNError/tooManyVectors(basis:columns:detail:)``.
  public func basis(
    _ load: BasisLoad, combiner: Combiner = .analogRouting, replicas: Int = 1
  ) throws(BasisNError) -> CostReport {
    try require(replicas >= 1, "replicas", replicas, "1 or more")
    let columns = hardware.signedColumns * crossbars / replicas
    guard load.basis <= columns else {
      throw .tooManyVectors(
        basis: load.basis, columns: columns,
        detail: "\(hardware.signedColumns) per crossbar, \(crossbars) crossbars, \(replicas) replicas")
    }
    let perReplica = (load.basis + hardware.signedColumns - 1) / hardware.signedColumns
    var cycles = 0.0
    var reads = 0.0
    var conversions = 0.0
    var additions = 0.0
    for layer in load.layers {
      let windows = (Double(layer.windows) / Double(replicas)).rounded(.up)
      let all = Double(layer.windows)
      if combiner == .digitalReuse {
        let converting = Double(load.basis) / (hardware.digital.conversionsPerRead.value * Double(perReplica))
        let analog = Double(inputCycles) * converting.rounded(.up) * Double(layer.slices)
        let digital =
          layer.additions / (hardware.digital.lanes.value * Double(perReplica)) * hardware.digital.cycle.value
          / hardware.read.cycle.value
        cycles += windows * max(analog, digital)
        reads += all * analog
        conversions += all * Double(inputCycles * load.basis * layer.slices)
        additions += all * layer.additions
      } else {
        cycles += windows * Double(inputCycles) * layer.cycles
        reads += all * Double(inputCycles) * layer.cycles
        conversions +=
          all * Double(inputCycles) * (combiner == .digitalSteering ? Double(load.basis) * layer.cycles : layer.jobs)
      }
    }
    return CostReport(
      scheme: combiner.rawValue, crossbars: perReplica * replicas, readCycles: cycles, writeCycles: 0,
      readPicojoules: reads * Double(perReplica) * readPicojoules + conversions * conversionPicojoules,
      writePicojoules: 0,
      digitalPicojoules: additions * hardware.read.addEnergy.value
        + (countsMemory ? load.coefficientBits * hardware.read.sramEnergy.value : 0),
      writesPerCell: 0, cycleNanoseconds: hardware.read.cycle.value, endurance: hardware.crossbar.endurance.value)
  }

  /// What writing the basis costs once: cycles and pJ.
  public func basisWrite(vectors: Int) -> (cycles: Double, picojoules: Double) {
    let crossbars = (vectors + hardware.signedColumns - 1) / hardware.signedColumns
    return (tileWriteCycles, write.picojoules(cells: Double(crossbars * hardware.cells)))
  }

  /// A chip that writes every tile of the network into its crossbars when it is needed.
  /// - Parameters:
  ///   - batch: images between two rewrites.
  ///   - overlaps: whether the next layer's tiles are written while this layer computes (double buffering).
  ///   - changedCells: share of the cells whose level really changes; 1 rewrites all.
  public func reprogramming(
    _ shape: NetworkShape, batch: Int = 1, overlaps: Bool = false, changedCells: Double = 1
  ) throws(BasisNError) -> CostReport {
    try require(batch >= 1, "batch", batch, "1 or more")
    try require((0...1).contains(changedCells), "changedCells", changedCells, "0…1")
    let columns = hardware.signedColumns
    let tiles = shape.layers.map { $0.tiles(rows: hardware.rows, signedColumns: columns) }
    let isResident = tiles.reduce(0, +) <= crossbars
    let tileWrite =
      write.nanoseconds(cells: Double(hardware.cells) * changedCells) / hardware.read.cycle.value / Double(batch)
    var reads: [Double] = []
    var writes: [Double] = []
    var crossbarReads = 0.0
    var conversions = 0.0
    for (layer, tiles) in zip(shape.layers, tiles) {
      let rounds = Double(LayerShape.ceilDivide(tiles, crossbars))
      let steps = Double(layer.windows * inputCycles)
      reads.append(steps * rounds)
      writes.append(isResident ? 0 : rounds * tileWrite)
      crossbarReads += steps * Double(tiles)
      conversions += steps * Double(layer.outputs * LayerShape.ceilDivide(layer.reduction, hardware.rows))
    }
    let allTiles = Double(tiles.reduce(0, +))
    let cells = allTiles * Double(hardware.cells) * changedCells / Double(batch)
    let weightBits = allTiles * Double(hardware.cells) * hardware.crossbar.cellBits.value / Double(batch)
    return CostReport(
      scheme: isResident
        ? "resident" : overlaps ? "reprogram+overlap" : changedCells < 1 ? "reprogram+skip" : "reprogram",
      crossbars: min(crossbars, tiles.reduce(0, +)), readCycles: reads.reduce(0, +), writeCycles: writes.reduce(0, +),
      overlappedCycles: overlaps && !isResident ? Self.pipelined(reads: reads, writes: writes) : nil,
      readPicojoules: crossbarReads * readPicojoules + conversions * conversionPicojoules,
      writePicojoules: isResident ? 0 : write.picojoules(cells: cells),
      digitalPicojoules: isResident || !countsMemory ? 0 : weightBits * hardware.read.dramEnergy.value,
      writesPerCell: isResident
        ? 0 : allTiles / Double(crossbars) * changedCells * write.pulsesPerCell.value / Double(batch),
      cycleNanoseconds: hardware.read.cycle.value, endurance: hardware.crossbar.endurance.value)
  }

  /// A separate basis per layer, written whenever its layer comes: `load` has `layers.count` bases of the same size.
  public func perLayerBasis(_ load: BasisLoad, batch: Int = 1) throws(BasisNError) -> CostReport {
    try require(batch >= 1, "batch", batch, "1 or more")
    var report = try basis(load)
    let once = basisWrite(vectors: load.basis)
    let rewrites = Double(load.layers.count) / Double(batch)
    report.scheme = "perLayerBasis"
    report.writeCycles = once.cycles * rewrites
    report.writePicojoules = once.picojoules * rewrites
    report.writesPerCell = rewrites * write.pulsesPerCell.value
    return report
  }

  /// Enough crossbars for all tiles: the number they take, and the cost without writes.
  public func resident(_ shape: NetworkShape) throws(BasisNError) -> CostReport {
    var model = self
    model.crossbars = shape.tiles(rows: hardware.rows, signedColumns: hardware.signedColumns)
    return try model.reprogramming(shape)
  }

  /// Each layer's writing hides behind the layer before it.
  private static func pipelined(reads: [Double], writes: [Double]) -> Double {
    var cycles = writes.first ?? 0
    for index in reads.indices {
      cycles += max(reads[index], index + 1 < writes.count ? writes[index + 1] : 0)
    }
    return cycles
  }
}
