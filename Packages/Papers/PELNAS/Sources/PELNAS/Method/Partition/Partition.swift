import TinyTensor

/// A division of the space into disjoint niches that are searched one by one (specification 2.3).
public struct Partition: Sendable {
  /// The word of the command line.
  public let name: String
  /// The rule of each niche in words, for prompts and reports.
  public let descriptions: [String]
  /// The words of each niche.
  public let automata: [CellAutomaton]
  private let niches: [UInt8]

  /// A partition by a rule.
  public init(name: String, descriptions: [String], niche: (Cell) -> Int) {
    precondition((1...256).contains(descriptions.count), "a partition has 1…256 niches")
    self.name = name
    self.descriptions = descriptions
    let niches = Cell.all.map { UInt8(clamping: niche($0)) }
    self.niches = niches
    automata = descriptions.indices.map { index in CellAutomaton(Cell.all.filter { niches[$0.code] == index }) }
  }

  /// Number of niches.
  public var nicheCount: Int { descriptions.count }

  /// The niche of a cell.
  public func niche(of cell: Cell) -> Int { Int(niches[cell.code]) }

  /// The paper's six niches, by number of 3×3 (and 1×1) convolutions of the raw word.
  public static let conv3x3 = Partition(
    name: "conv3x3",
    descriptions: [
      "no convolution at all", "no 3x3 convolution, at least one 1x1 convolution", "exactly one 3x3 convolution",
      "exactly two 3x3 convolutions", "exactly three 3x3 convolutions", "four or more 3x3 convolutions",
    ]
  ) { cell in
    let threes = cell.count(.conv3x3)
    return threes == 0 ? (cell.count(.conv1x1) == 0 ? 0 : 1) : min(threes, 4) + 1
  }

  /// The whole space as one niche: no partition.
  public static let none = Partition(name: "none", descriptions: ["any cell"]) { _ in 0 }

  /// Niches of equal expected size, drawn at random: the control that tells whether the axis matters.
  public static func random(_ count: Int, seed: UInt64) -> Partition {
    var generator = Philox(seed: seed, stream: "partition")
    let drawn = Cell.all.map { _ in generator.next(below: count) }
    return Partition(
      name: "random-\(count)", descriptions: (0..<count).map { "random group \($0 + 1) of \(count)" }
    ) { drawn[$0.code] }
  }

  /// Quantiles of the operation count.
  public static func flopsQuantile(_ count: Int) -> Partition {
    quantiles(name: "flops-\(count)", of: "FLOPs", Cell.all.map { Double(CellCounts($0).benchmarkFLOPs) }, count)
  }

  /// Quantiles of a device's cost; cells that it cannot run join the last niche.
  public static func costQuantile(_ task: SearchTask, _ count: Int) -> Partition {
    quantiles(name: "latency-\(count)", of: "latency on \(task.deviceName)", task.costs, count)
  }

  private static func quantiles(name: String, of quantity: String, _ values: [Double], _ count: Int) -> Partition {
    let sorted = values.filter(\.isFinite).sorted()
    let bounds = (1..<max(1, count)).map { sorted[min(sorted.count - 1, $0 * sorted.count / count)] }
    return Partition(
      name: name, descriptions: (0..<count).map { "\(quantity) in part \($0 + 1) of \(count), lowest first" }
    ) { cell in
      let value = values[cell.code]
      return value.isFinite ? bounds.count { $0 <= value } : count - 1
    }
  }

  /// The niches of a regression tree of this depth that predicts a device's cost from counts of operations, grown on probes.
  public static func tree(_ task: SearchTask, depth: Int, probes: Int = 50, seed: UInt64) -> Partition {
    var generator = Philox(seed: seed, stream: "probes")
    var drawn: [Cell] = []
    for _ in 0..<probes { drawn.append(task.usable[generator.next(below: task.usable.count)]) }
    let root = CountTree.grow(drawn, costs: task.costs, depth: depth)
    let leaves = root.leaves()
    return Partition(name: "tree-\(depth)", descriptions: leaves) { root.leaf(of: $0) }
  }
}
