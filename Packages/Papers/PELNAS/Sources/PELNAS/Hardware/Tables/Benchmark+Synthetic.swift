import Foundation
import TinyTensor

extension Benchmark {
  /// A made-up benchmark with the shape of the real one, for trials where the tables are not on the machine.
  ///
  /// Accuracies saturate with the convolutions on live paths, latencies add up over operations, and both carry noise. Whatever is
  /// computed from it says `synthetic`.
  public static func synthetic(seed: UInt64) -> Benchmark {
    var columns: [String: [Float]] = [:]
    var generator = Philox(seed: seed, stream: "synthetic-benchmark")
    let noise = Cell.all.map { _ in generator.normal() }
    for (dataSet, ceiling, chance) in [
      (DataSet.cifar10, 94.5, 10.0), (.cifar100, 73.0, 1.0), (.imageNet16, 46.5, 0.83),
    ] {
      let accuracies = Cell.all.map { cell -> Float in
        accuracy(cell, noise: Double(noise[cell.canonical.code]), ceiling: ceiling, chance: chance)
      }
      columns[accuracyColumn(dataSet, .test)] = accuracies
      if dataSet != .cifar100 { columns[accuracyColumn(dataSet, .validation)] = accuracies.map { max(0, $0 - 3) } }
      for (rank, device) in Device.main.enumerated() {
        let costs = Cell.all.map { cell -> Float in
          let work = additive(rank, dataSet).cost(of: rank < 4 ? cell.canonical : cell)
          return Float(work * (rank < 4 ? 1 + 0.03 * Double(generator.normal()) : 1))
        }
        columns["\(dataSet.rawValue)/\(device.id)_ms"] = costs
        if device.hasEnergy { columns["\(dataSet.rawValue)/\(device.id)_mJ"] = costs.map { $0 * 4 } }
      }
      guard dataSet != .cifar100 else { continue }
      for proxy in Proxy.allCases {
        columns["zc-\(dataSet.rawValue)/\(proxy.column)"] = Cell.all.map { cell in
          Self.proxy(proxy, cell, dataSet, noise: Double(generator.normal()))
        }
      }
    }
    return Benchmark(
      isSynthetic: true, cells: Cell.all, canonical: Cell.all.map(\.canonical),
      isomorphismClasses: Cell.all.map(\.canonical.code), columns: columns)
  }

  private static func accuracy(_ cell: Cell, noise: Double, ceiling: Double, chance: Double) -> Float {
    let live = cell.canonical
    guard cell.isConnected else { return Float(chance) }
    let power =
      1.1 * Double(live.count(.conv3x3)) + 0.7 * Double(live.count(.conv1x1)) + 0.25 * Double(live.count(.avgPool3x3))
      + (live[3] == .skip ? 0.6 : 0)
    let share = 0.72 + 0.28 * (1 - exp(-0.55 * power))
    return Float(min(ceiling, max(chance, ceiling * share + 0.5 * noise)))
  }

  private static func additive(_ rank: Int, _ dataSet: DataSet) -> AdditiveCost {
    let scale = dataSet == .imageNet16 ? 0.3 : 1.0
    let perOperation: [CellOperation: Double] = [
      .conv1x1: 0.5 + 0.1 * Double(rank), .conv3x3: 1.3 + 0.4 * Double(rank), .avgPool3x3: 0.4,
    ]
    return AdditiveCost(
      name: "synthetic", unit: "ms", base: scale * (1 + 0.2 * Double(rank)),
      perOperation: perOperation.mapValues { $0 * scale }, countsDeadOperations: true)
  }

  private static func proxy(_ proxy: Proxy, _ cell: Cell, _ dataSet: DataSet, noise: Double) -> Float {
    let counts = CellCounts(cell, on: dataSet)
    let convolutions = Double(cell.canonical.count(.conv1x1) + cell.canonical.count(.conv3x3))
    return switch proxy {
    case .params: Float(Double(counts.parameters) * 1e-6)
    case .flops: Float(Double(counts.proxyFLOPs) * 1e-6)
    case .l2Norm: Float(27.8 + 51 * Double(cell.count(.conv1x1) + cell.count(.conv3x3)))
    default: Float(cell.isConnected ? 40 + 9 * convolutions + 3 * noise : 0)
    }
  }
}
