import FileKit
import Foundation
import TinyTensor

/// The complete benchmark: trained accuracies, hardware costs and zero-cost proxies of all 15 625 cells.
///
/// Values are stored by ``Cell/code``; NaN inside stands for "not tabulated" and never leaves: lookups give nil.
///
/// ```swift
/// let benchmark = try Benchmark.load(folder)
/// let cell = try Cell(word: "333132")
/// benchmark.accuracy(cell, .cifar10)              // 94.3733
/// benchmark.latency(cell, on: .named("fpga"), .cifar10)
/// ```
public struct Benchmark: Sendable {
  /// Whether the values are the published ones or made up (see ``synthetic(seed:)``).
  public let isSynthetic: Bool
  /// The benchmark's own index of a cell, by code.
  public let indices: [Int]
  /// The cell of a benchmark index.
  public let cells: [Cell]
  /// The tabulated canonical form of each cell, by code.
  public let tabulatedCanonical: [Cell]
  /// Isomorphism class by code.
  public let isomorphismClasses: [Int]
  /// All columns by `table/column`, values by code.
  private let columns: [String: [Float]]

  init(
    isSynthetic: Bool, cells: [Cell], canonical: [Cell], isomorphismClasses: [Int], columns: [String: [Float]]
  ) {
    self.isSynthetic = isSynthetic
    self.cells = cells
    var indices = [Int](repeating: 0, count: Cell.spaceSize)
    for (index, cell) in cells.enumerated() { indices[cell.code] = index }
    self.indices = indices
    tabulatedCanonical = canonical
    self.isomorphismClasses = isomorphismClasses
    self.columns = columns
  }

  static func accuracyColumn(_ dataSet: DataSet, _ split: AccuracySplit) -> String {
    let prefix =
      switch dataSet {
      case .cifar10: "c10"
      case .cifar100: "c100"
      case .imageNet16: "in16"
      }
    return "architectures/\(prefix)_\(split.rawValue)"
  }

  /// A column by cell code, NaN where nothing is tabulated; nil if the table does not exist.
  func column(_ key: String) -> [Float]? { columns[key] }

  /// Columns of accuracies by cell code.
  ///
  /// - Throws: ``PELNASError/unknownName(kind:name:known:)`` if this split was not published (CIFAR-100 validation).
  public func accuracies(_ dataSet: DataSet, _ split: AccuracySplit = .test) throws(PELNASError) -> [Float] {
    let key = Self.accuracyColumn(dataSet, split)
    guard let found = columns[key] else {
      throw .unknownName(
        kind: "accuracy", name: "\(dataSet.rawValue) \(split.rawValue)",
        known: columns.keys.filter { $0.hasPrefix("architectures/") }.sorted())
    }
    return found
  }

  /// Latencies in ms by cell code, NaN where the device has none.
  public func latencies(_ device: Device, _ dataSet: DataSet) -> [Float] {
    let table = device.isFurther ? "more" : dataSet.rawValue
    return columns["\(table)/\(device.id)_ms"] ?? [Float](repeating: .nan, count: Cell.spaceSize)
  }

  /// Energies in mJ by cell code, NaN where the device has none.
  public func energies(_ device: Device, _ dataSet: DataSet) -> [Float] {
    columns["\(dataSet.rawValue)/\(device.id)_mJ"] ?? [Float](repeating: .nan, count: Cell.spaceSize)
  }

  /// Top-1 accuracy in percent.
  public func accuracy(_ cell: Cell, _ dataSet: DataSet, _ split: AccuracySplit = .test) -> Float? {
    value(Self.accuracyColumn(dataSet, split), cell)
  }

  /// Latency in ms, one image; nil if the device cannot run the cell.
  public func latency(_ cell: Cell, on device: Device, _ dataSet: DataSet) -> Float? {
    value("\(device.isFurther ? "more" : dataSet.rawValue)/\(device.id)_ms", cell)
  }

  /// Energy in mJ, one image.
  public func energy(_ cell: Cell, on device: Device, _ dataSet: DataSet) -> Float? {
    value("\(dataSet.rawValue)/\(device.id)_mJ", cell)
  }

  /// A zero-cost proxy; functional ones are read from the canonical cell. CIFAR-100 has none of its own: CIFAR-10's are given.
  public func proxy(_ proxy: Proxy, _ cell: Cell, _ dataSet: DataSet) -> Float? {
    let table = dataSet == .imageNet16 ? dataSet : .cifar10
    return value("zc-\(table.rawValue)/\(proxy.column)", proxy.isFunctional ? cell.canonical : cell)
  }

  private func value(_ key: String, _ cell: Cell) -> Float? {
    guard let found = columns[key]?[cell.code], !found.isNaN else { return nil }
    return found
  }
}
