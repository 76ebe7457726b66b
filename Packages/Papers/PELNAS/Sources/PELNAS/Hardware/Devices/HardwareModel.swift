import VisionModels

/// What another package's hardware model must say to become a device: the cost of one network.
///
/// Paper packages do not import each other; whoever knows both writes the few lines of an adapter.
public protocol HardwareModel: Sendable {
  /// Name for reports.
  var name: String { get }
  /// Unit of the cost.
  var unit: String { get }
  /// The cost of a network for one image.
  func cost(of network: Network) throws -> Double
}

/// A hardware model as a device of the search.
///
/// Costs are computed once per set of live operations: hardware models that add up over layers do not see where in the cell an
/// operation sits, and the 9 445 canonical cells have only a few hundred such sets.
public struct HardwareModelCost: CostModel {
  public var name: String { model.name }
  public var unit: String { model.unit }
  public var evidence: Evidence { .model }
  private let model: any HardwareModel
  private let dataSet: DataSet

  /// A device of a hardware model, for networks on a data set.
  public init(_ model: any HardwareModel, dataSet: DataSet) {
    self.model = model
    self.dataSet = dataSet
  }

  public func costs(of cells: [Cell]) throws -> [Double?] {
    var known: [[Int]: Double] = [:]
    return try cells.map { cell -> Double? in
      guard cell.isConnected else { return nil }
      let live = cell.canonical
      let key = CellOperation.allCases.dropFirst().map(live.count)
      if let cost = known[key] { return cost }
      let cost = try model.cost(of: CellNetwork.build(live, on: dataSet, seed: 0))
      known[key] = cost
      return cost
    }
  }
}
