/// Grows regression trees level by level: one pass over each sorted column finds the best split of all nodes of a level.
struct TreeGrowthKernel {
  private(set) var splitColumns: [Int32] = []
  private(set) var thresholds: [Float] = []
  private(set) var leaves: [Float] = []

  private let features: FeatureMatrix
  private let minimumRows: Int
  private let penalty: Float
  /// Rows of each column by rising value.
  private let order: [Int32]
  /// Node of each row within its level; −1 for rows that the tree does not see.
  private var nodes: [Int32]

  init(_ features: FeatureMatrix, minimumRows: Int, penalty: Float) {
    self.features = features
    self.minimumRows = minimumRows
    self.penalty = penalty
    nodes = [Int32](repeating: -1, count: features.rows)
    order = (0..<features.columns).flatMap { column in
      (0..<Int32(features.rows)).sorted { left, right in
        let (a, b) = (features[Int(left), column], features[Int(right), column])
        return a != b ? a < b : left < right
      }
    }
  }

  /// The best split of one node so far, and the scan of the current column.
  private struct Node {
    var gradient: Float = 0
    var count: Int32 = 0
    var gain: Float = 0
    var column: Int32 = -1
    var threshold: Float = .greatestFiniteMagnitude
    var leftGradient: Float = 0
    var leftCount: Int32 = 0
    var lastValue: Float = 0
  }

  /// Appends one tree.
  mutating func grow(gradients: [Float], rows: [Int], columns: [Int], rate: Float) {
    var level = [Node()]
    for row in nodes.indices { nodes[row] = -1 }
    for row in rows {
      nodes[row] = 0
      level[0].gradient += gradients[row]
      level[0].count += 1
    }
    for _ in 0..<BoostedTrees.depth {
      scan(columns, gradients, &level)
      for node in level {
        splitColumns.append(max(0, node.column))
        thresholds.append(node.column < 0 ? .greatestFiniteMagnitude : node.threshold)
      }
      level = descend(level, gradients)
    }
    // A node without rows repeats its sibling's place and is never reached in training; it weighs nothing.
    for node in level { leaves.append(-rate * node.gradient / (Float(node.count) + penalty)) }
  }

  private func scan(_ columns: [Int], _ gradients: [Float], _ level: inout [Node]) {
    let rowCount = features.rows
    features.values.withUnsafeBufferPointer { values in
      order.withUnsafeBufferPointer { order in
        nodes.withUnsafeBufferPointer { nodes in
          gradients.withUnsafeBufferPointer { gradients in
            level.withUnsafeMutableBufferPointer { level in
              for column in columns {
                let base = column * features.stride
                for node in level.indices {
                  level[node].leftGradient = 0
                  level[node].leftCount = 0
                }
                for position in 0..<rowCount {
                  let row = Int(order[column * rowCount + position])
                  let node = Int(nodes[row])
                  guard node >= 0 else { continue }
                  visit(&level[node], value: values[base + row], column: column)
                  level[node].leftGradient += gradients[row]
                  level[node].leftCount += 1
                  level[node].lastValue = values[base + row]
                }
              }
            }
          }
        }
      }
    }
  }

  /// Considers the split before a row: between two different values of a column.
  @inline(__always)
  private func visit(_ node: inout Node, value: Float, column: Int) {
    let left = node.leftCount
    guard left >= minimumRows, value > node.lastValue, Int(node.count - left) >= minimumRows else { return }
    let rest = node.gradient - node.leftGradient
    let gain =
      0.5
      * (node.leftGradient * node.leftGradient / (Float(left) + penalty)
        + rest * rest / (Float(node.count - left) + penalty)
        - node.gradient * node.gradient / (Float(node.count) + penalty))
    guard gain > node.gain else { return }
    let middle = node.lastValue + (value - node.lastValue) / 2
    node.gain = gain
    node.column = Int32(column)
    node.threshold = middle > node.lastValue ? middle : value
  }

  /// Sends rows to the children; a node that does not split sends all to the left.
  private mutating func descend(_ level: [Node], _ gradients: [Float]) -> [Node] {
    var next = [Node](repeating: Node(), count: 2 * level.count)
    for row in nodes.indices where nodes[row] >= 0 {
      let node = level[Int(nodes[row])]
      let goesRight = node.column >= 0 && features[row, Int(node.column)] >= node.threshold
      let child = 2 * nodes[row] + (goesRight ? 1 : 0)
      nodes[row] = child
      next[Int(child)].gradient += gradients[row]
      next[Int(child)].count += 1
    }
    return next
  }

  /// Adds the last tree's values to the predictions of all rows.
  func addLastTree(to predictions: inout [Float]) {
    let firstSplit = splitColumns.count - BoostedTrees.splitCount
    let firstLeaf = leaves.count - BoostedTrees.leafCount
    for row in predictions.indices {
      var node = 0
      for _ in 0..<BoostedTrees.depth {
        let split = firstSplit + node
        node = 2 * node + (features[row, Int(splitColumns[split])] < thresholds[split] ? 1 : 2)
      }
      predictions[row] += leaves[firstLeaf + node - BoostedTrees.splitCount]
    }
  }
}
