/// A data set and a device: what is searched for, and the truth to score it with.
public struct SearchTask: Sendable {
  /// The data set of the accuracies.
  public let dataSet: DataSet
  /// The device or cost model.
  public let deviceName: String
  /// Unit of the cost.
  public let costUnit: String
  /// How the costs came about.
  public let costEvidence: Evidence
  /// The accuracy that a search may look at.
  public let split: AccuracySplit
  /// Cost by cell code; NaN for cells that are disconnected or that the device cannot run.
  public let costs: [Double]
  /// True test accuracy in percent by cell code.
  public let accuracies: [Double]
  /// Accuracy of the split that may be looked at, by cell code.
  public let searchAccuracies: [Double]
  /// Connected cells with accuracy and cost, by code.
  public let usable: [Cell]
  /// The true front.
  public let front: [ScoredCell]

  private let boxFull: ObjectiveBox
  private let boxFront: ObjectiveBox
  private let volumes: (full: Double, front: Double)
  private let goals: (full: [SIMD2<Double>], front: [SIMD2<Double>])

  /// A tabulated device.
  ///
  /// - Throws: ``PELNASError`` if the data set has no such split, or the device no usable cell.
  public init(
    _ benchmark: Benchmark, _ dataSet: DataSet, on device: Device, split: AccuracySplit = .test
  ) throws(PELNASError) {
    try self.init(
      benchmark, dataSet, name: device.id, unit: "ms", evidence: benchmark.isSynthetic ? .synthetic : device.evidence,
      costs: benchmark.latencies(device, dataSet).map(Double.init), split: split)
  }

  /// A cost model.
  public init(
    _ benchmark: Benchmark, _ dataSet: DataSet, on model: any CostModel, split: AccuracySplit = .test
  ) throws {
    let costs = try model.costs(of: Cell.all).map { $0 ?? .nan }
    try self.init(
      benchmark, dataSet, name: model.name, unit: model.unit, evidence: model.evidence, costs: costs, split: split)
  }

  private init(
    _ benchmark: Benchmark, _ dataSet: DataSet, name: String, unit: String, evidence: Evidence, costs: [Double],
    split: AccuracySplit
  ) throws(PELNASError) {
    self.dataSet = dataSet
    deviceName = name
    costUnit = unit
    costEvidence = evidence
    self.split = split
    accuracies = try benchmark.accuracies(dataSet, .test).map(Double.init)
    searchAccuracies = try benchmark.accuracies(dataSet, split).map(Double.init)
    let accuracies = accuracies
    let searchAccuracies = searchAccuracies
    usable = Cell.all.filter { cell in
      cell.isConnected && costs[cell.code].isFinite && accuracies[cell.code].isFinite
        && searchAccuracies[cell.code].isFinite
    }
    var masked = [Double](repeating: .nan, count: Cell.spaceSize)
    for cell in usable { masked[cell.code] = costs[cell.code] }
    self.costs = masked
    let scored = usable.map { ScoredCell($0, cost: costs[$0.code], accuracy: accuracies[$0.code]) }
    front = scored.front()
    guard let boxFull = ObjectiveBox(around: scored), let boxFront = ObjectiveBox(around: front) else {
      throw .noUsableCells("\(dataSet.rawValue) × \(name)")
    }
    self.boxFull = boxFull
    self.boxFront = boxFront
    goals = (front.map(boxFull.normalize), front.map(boxFront.normalize))
    volumes = (
      Indicators.hypervolume(goals.full, reference: Self.referenceFull),
      Indicators.hypervolume(goals.front, reference: Self.referenceFront)
    )
  }

  private static let referenceFull = SIMD2(1.0, 1.0)
  private static let referenceFront = SIMD2(1.1, 1.1)

  /// Name for reports.
  public var name: String { "\(dataSet.rawValue) × \(deviceName)" }

  /// Whether a cell is connected and has a cost.
  public func isUsable(_ cell: Cell) -> Bool { costs[cell.code].isFinite }

  /// Usable cells among these with their true scores.
  public func score(_ cells: some Sequence<Cell>) -> [ScoredCell] {
    cells.filter(isUsable).map { ScoredCell($0, cost: costs[$0.code], accuracy: accuracies[$0.code]) }
  }

  /// The quality of the front that these cells form when they are scored with the true accuracy.
  public func quality(of cells: some Sequence<Cell>) -> FrontQuality {
    let found = score(Set(cells)).front()
    let full = found.map(boxFull.normalize)
    let near = found.map(boxFront.normalize)
    let goal = Set(front.map(\.cell))
    return FrontQuality(
      hvFull: ratio(Indicators.hypervolume(full, reference: Self.referenceFull), volumes.full),
      hvFront: ratio(Indicators.hypervolume(near, reference: Self.referenceFront), volumes.front),
      igdFull: Indicators.invertedGenerationalDistance(full, front: goals.full),
      igdFront: Indicators.invertedGenerationalDistance(near, front: goals.front),
      igdPlusFront: Indicators.invertedGenerationalDistancePlus(near, front: goals.front),
      hit: Double(found.count { goal.contains($0.cell) }) / Double(max(1, goal.count)))
  }

  /// Only `hvFront`, for loops that ask often.
  public func hvFront(of cells: some Sequence<Cell>) -> Double {
    let near = score(cells).front().map(boxFront.normalize)
    return ratio(Indicators.hypervolume(near, reference: Self.referenceFront), volumes.front)
  }

  private func ratio(_ found: Double, _ truth: Double) -> Double { truth > 0 ? found / truth : (found > 0 ? 1 : 0) }
}
