import PELNAS

/// Partitions by their word.
enum NASPartition {
  static func named(_ name: String, task: SearchTask, seed: UInt64) throws -> Partition {
    if name == "conv3x3" { return .conv3x3 }
    if name == "none" { return .none }
    let parts = name.split(separator: "-")
    if parts.count == 2, let count = Int(parts[1]), (1...64).contains(count) {
      switch parts[0] {
      case "random": return .random(count, seed: seed)
      case "flops": return .flopsQuantile(count)
      case "latency": return .costQuantile(task, count)
      case "tree" where count <= 6: return .tree(task, depth: count, seed: seed)
      default: break
      }
    }
    throw PELNASError.unknownName(
      kind: "partition", name: name,
      known: ["conv3x3", "none", "random-K", "flops-K", "latency-K (K ≤ 64)", "tree-DEPTH (≤ 6)"])
  }
}
