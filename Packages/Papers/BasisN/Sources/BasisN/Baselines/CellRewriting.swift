import VisionModels

/// How many cells really change when tiles are written one after the other into the same crossbar, counted on real weights:
/// a baseline that pulses only cells whose level differs.
public struct CellRewriting: Sendable, Hashable, Codable {
  /// Cells in all rewrites.
  public let cells: Int
  /// Cells whose level changes.
  public let changed: Int

  /// Share that changes.
  public var share: Double { cells > 0 ? Double(changed) / Double(cells) : 1 }

  /// Counts over the tiles of a network in layer order on one crossbar, image after image: the first tile replaces the last.
  /// - Parameters:
  ///   - sorted: whether a layer's kernels are first ordered by their mean weight, so that similar columns follow each other.
  /// - Throws: ``BasisNError/nothingToEncode(_:)``, ``BasisNError/badWeights(layer:index:)``.
  public init(
    _ network: Network, rows: Int = 128, signedColumns: Int = 64, cellBits: Int = 4, sorted: Bool
  ) throws(BasisNError) {
    let shape = try NetworkShape(network)
    var tiles: [[Int8]] = []
    for layer in shape.layers {
      guard let weights = network.parameters[layer.name + ".weight"]?.scalars else { continue }
      if let index = weights.firstIndex(where: { !$0.isFinite }) { throw .badWeights(layer: layer.name, index: index) }
      tiles += Self.tiles(layer, weights, rows: rows, columns: signedColumns, cellBits: cellBits, sorted: sorted)
    }
    guard tiles.count > 1 else { throw .nothingToEncode("\(network.name) fits into one tile") }
    var changed = 0
    for (index, tile) in tiles.enumerated() {
      let before = tiles[index == 0 ? tiles.count - 1 : index - 1]
      // A signed level sits in one cell of a pair: a change of sign moves both.
      for (old, new) in zip(before, tile) where old != new {
        changed += old == 0 || new == 0 || (old > 0) == (new > 0) ? 1 : 2
      }
    }
    cells = 2 * tiles.count * rows * signedColumns
    self.changed = changed
  }

  private static func tiles(
    _ layer: LayerShape, _ weights: [Float], rows: Int, columns: Int, cellBits: Int, sorted: Bool
  ) -> [[Int8]] {
    let largest = weights.reduce(Float(0)) { max($0, abs($1)) }
    let scale = largest > 0 ? Float((1 << cellBits) - 1) / largest : 0
    let kernels = layer.kernelsPerGroup
    var result: [[Int8]] = []
    for group in 0..<layer.groups {
      var order = Array(group * kernels..<(group + 1) * kernels)
      if sorted {
        let means = order.map { kernel in
          weights[kernel * layer.reduction..<(kernel + 1) * layer.reduction].reduce(0, +)
        }
        order = order.indices.sorted { means[$0] < means[$1] }.map { order[$0] }
      }
      for firstRow in stride(from: 0, to: layer.reduction, by: rows) {
        for firstColumn in stride(from: 0, to: kernels, by: columns) {
          var tile = [Int8](repeating: 0, count: rows * columns)
          for column in firstColumn..<min(firstColumn + columns, kernels) {
            for row in firstRow..<min(firstRow + rows, layer.reduction) {
              let level = (weights[order[column] * layer.reduction + row] * scale).rounded()
              tile[(row - firstRow) * columns + column - firstColumn] = Int8(level)
            }
          }
          result.append(tile)
        }
      }
    }
    return result
  }
}
