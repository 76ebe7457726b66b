import Foundation
import ReproductionKit

/// What must be true of the tables if they are the published benchmark: claim D1.
public struct TableIdentities {
  /// One identity with the number of cells that break it.
  public struct Identity: Sendable, Hashable, Codable {
    /// What is compared.
    public let name: String
    /// Cells (or facts) that break it.
    public let violations: Int
    /// The worst of them, or the value that was found.
    public let detail: String
  }

  private let benchmark: Benchmark
  private var found: [Identity] = []

  private init(_ benchmark: Benchmark) { self.benchmark = benchmark }

  /// Checks all identities of specification 4 and of the tables' README.
  public static func check(_ benchmark: Benchmark) throws -> [Identity] {
    var check = TableIdentities(benchmark)
    check.canonicalForms()
    check.nicheSizes()
    check.counts()
    try check.laws()
    try check.bestCells()
    try check.usableCells()
    return check.found
  }

  private mutating func fact(_ name: String, _ isTrue: Bool, _ detail: String) {
    found.append(Identity(name: name, violations: isTrue ? 0 : 1, detail: detail))
  }

  private mutating func forAll(_ name: String, _ holds: (Cell) -> Bool) {
    let broken = Cell.all.filter { !holds($0) }
    found.append(
      Identity(
        name: name, violations: broken.count,
        detail: broken.first.map { "first broken by \($0)" } ?? "\(Cell.spaceSize) cells"))
  }

  private mutating func canonicalForms() {
    let table = benchmark
    forAll("canonical form equals the column") { table.tabulatedCanonical[$0.code] == $0.canonical }
    let canonical = Cell.all.count(where: \.isCanonical)
    fact("canonical cells", canonical == 9_445, "\(canonical)")
    let disconnected = Cell.all.count { !$0.isConnected }
    fact("disconnected cells", disconnected == 341, "\(disconnected)")
    let classes = Set(table.isomorphismClasses).count
    fact("isomorphism classes", classes == 6_466, "\(classes)")
  }

  private mutating func nicheSizes() {
    let sizes = Partition.conv3x3.automata.map(\.count)
    fact("niche sizes", sizes == [729, 3_367, 6_144, 3_840, 1_280, 265], "\(sizes)")
  }

  /// Tables print six significant digits.
  private static func agree(_ printed: Float?, _ exact: Double) -> Bool {
    guard let printed else { return false }
    return abs(Double(printed) - exact) <= 5.1e-6 * max(abs(exact), 0.1)
  }

  private mutating func counts() {
    let table = benchmark
    forAll("parameters on CIFAR-10") {
      !$0.isCanonical || Self.agree(table.proxy(.params, $0, .cifar10), Double(CellCounts($0).parameters) * 1e-6)
    }
    forAll("parameters on ImageNet16-120") {
      !$0.isCanonical
        || Self.agree(
          table.proxy(.params, $0, .imageNet16), Double(CellCounts($0, on: .imageNet16).parameters) * 1e-6)
    }
    forAll("FLOPs of the proxy table on CIFAR-10") {
      !$0.isCanonical || Self.agree(table.proxy(.flops, $0, .cifar10), Double(CellCounts($0).proxyFLOPs) * 1e-6)
    }
  }

  private mutating func laws() throws {
    let table = benchmark
    let fpga = try Device.named("fpga")
    let eyeriss = try Device.named("eyeriss")
    for dataSet in [DataSet.cifar10, .cifar100] {
      forAll("FPGA latency is its law on \(dataSet.rawValue)") {
        Self.agree(table.latency($0, on: fpga, dataSet), AdditiveCost.fpga.cost(of: $0))
      }
    }
    for dataSet in [DataSet.cifar10, .imageNet16] {
      let law = AdditiveCost.eyeriss(dataSet)
      forAll("Eyeriss latency is its law on \(dataSet.rawValue)") {
        Self.agree(table.latency($0, on: eyeriss, dataSet), law.cost(of: $0))
      }
    }
  }

  private mutating func bestCells() throws {
    for (dataSet, best, index) in [
      (DataSet.cifar10, 94.3733, 6_111), (.cifar100, 73.5133, 9_930), (.imageNet16, 47.3111, 857),
    ] {
      let values = try benchmark.accuracies(dataSet)
      // The maximum may be shared.
      let found = values[benchmark.cells[index].code]
      fact(
        "best accuracy on \(dataSet.rawValue), at index \(index)", values.max() == Float(best) && found == Float(best),
        "\(found) %")
    }
    let example = try Cell(word: "333132")
    fact("index 6111 is 333132", benchmark.cells[6_111] == example, "\(benchmark.cells[6_111])")
  }

  private mutating func usableCells() throws {
    let missing = try Dictionary(
      uniqueKeysWithValues: DataSet.allCases.map { dataSet in
        let column = benchmark.latencies(try Device.named("edgetpu"), dataSet)
        return (dataSet, Set(column.indices.filter { column[$0].isNaN }))
      })
    fact(
      "Edge TPU misses the same 4,699 cells everywhere",
      Set(missing.values).count == 1
        && missing[.cifar10]?.count == 4_699, "\(missing[.cifar10]?.count ?? 0)")
    for (device, expected) in [("fpga", 15_284), ("edgetpu", 10_926)] {
      let usable = try SearchTask(benchmark, .cifar10, on: .named(device)).usable.count
      fact("usable cells on \(device)", usable == expected, "\(usable)")
    }
  }
}
