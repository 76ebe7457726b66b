extension Models {
  /// Operations on the edges of a NAS-Bench-201 cell (Dong & Yang 2020).
  public enum CellOperation: String, Sendable, Codable, CaseIterable {
    case none
    case skip = "skip_connect"
    case convolution1 = "nor_conv_1x1"
    case convolution3 = "nor_conv_3x3"
    case averagePool = "avg_pool_3x3"
  }

  /// Parses a cell: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
  /// - Returns: operations of the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.
  /// - Throws: ``NetworkError/invalidModel(_:)`` saying which edge is wrong.
  public static func parseCell(_ text: String) throws(NetworkError) -> [CellOperation] {
    let nodes = text.split(separator: "+", omittingEmptySubsequences: false)
    guard nodes.count == 3 else {
      throw .invalidModel("cell \(text) has \(nodes.count) nodes, expected 3 separated by +")
    }
    var result: [CellOperation] = []
    for (node, part) in nodes.enumerated() {
      let edges = part.split(separator: "|", omittingEmptySubsequences: true)
      guard edges.count == node + 1, part.hasPrefix("|"), part.hasSuffix("|") else {
        throw .invalidModel("node \(node + 1) of cell \(text) is \(part), expected \(node + 1) edges between bars")
      }
      for (source, edge) in edges.enumerated() {
        let fields = edge.split(separator: "~")
        guard fields.count == 2, fields[1] == "\(source)", let operation = CellOperation(rawValue: String(fields[0]))
        else {
          throw .invalidModel(
            "edge \(edge) of cell \(text) is not one of "
              + CellOperation.allCases.map { "\($0.rawValue)~\(source)" }.joined(separator: ", "))
        }
        result.append(operation)
      }
    }
    return result
  }

  /// The NAS-Bench-201 network of a cell: 3×3 stem, three stages of `cells` cells with residual reductions between,
  /// batch norm, ReLU, global pool, linear.
  ///
  /// Names follow the published code: `stem.{0,1}`, `cells.{i}.layers.{edge}.op.{0,1,2}`, `cells.{i}.conv_a.op.1`,
  /// `cells.{i}.downsample.1`, `lastact.0`, `classifier`. An edge `none` and everything only it feeds is left out where
  /// the sum does not need it; a node without any live edge is the zero map.
  /// - Parameters:
  ///   - cell: the cell string (see ``parseCell(_:)``).
  ///   - channels: width of the first stage.
  ///   - cells: cells per stage.
  public static func nasBench201(
    _ cell: String, channels: Int = 16, cells: Int = 5, classes: Int = 10
  ) throws(NetworkError) -> Network {
    let operations = try parseCell(cell)
    guard channels > 0, cells > 0 else { throw .invalidModel("NAS-Bench-201 needs channels and cells > 0") }
    var builder = NetworkBuilder()
    var width = channels
    var x = builder.convolution("stem.0", builder.input, from: 3, to: width, kernel: 3)
    x = builder.batchNorm("stem.1", x, channels: width)
    var index = 0
    for stage in 0..<3 {
      if stage > 0 {
        x = reduction(&builder, "cells.\(index)", x, from: width, to: 2 * width)
        width *= 2
        index += 1
      }
      for _ in 0..<cells {
        x = cellNodes(&builder, "cells.\(index)", x, operations, channels: width)
        index += 1
      }
    }
    x = builder.batchNorm("lastact.0", x, channels: width)
    x = builder.add("lastact.1", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    builder.add("classifier", .linear(Linear(inputFeatures: width, outputFeatures: classes)), x)
    return try builder.build(
      name: "nasbench201", inputShape: [32, 32, 3], metadata: ["cell": cell, "channels": "\(channels)"])
  }

  private static func cellNodes(
    _ builder: inout NetworkBuilder, _ prefix: String, _ input: String, _ operations: [CellOperation], channels: Int
  ) -> String {
    var values = [input]
    var edge = 0
    for node in 1...3 {
      var terms: [String] = []
      for source in 0..<node {
        let name = "\(prefix).layers.\(edge)"
        if let term = edgeNode(&builder, name, values[source], operations[edge], channels: channels) {
          terms.append(term)
        }
        edge += 1
      }
      switch terms.count {
      case 0: values.append(builder.add("\(prefix).node\(node)", .zero, input))
      case 1: values.append(terms[0])
      default: values.append(builder.add("\(prefix).node\(node)", .add, terms))
      }
    }
    return values[3]
  }

  /// Adds one edge; nil for `none`.
  private static func edgeNode(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, _ operation: CellOperation, channels: Int
  ) -> String? {
    switch operation {
    case .none: return nil
    case .skip: return builder.add(name, .identity, input)
    case .averagePool:
      return builder.add(name, .avgPool(Pool(kernel: 3, stride: 1, padding: 1), countIncludePad: false), input)
    case .convolution1, .convolution3:
      return reluConvNorm(
        &builder, "\(name).op", input, from: channels, to: channels, kernel: operation == .convolution1 ? 1 : 3)
    }
  }

  private static func reluConvNorm(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, from: Int, to: Int, kernel: Int, stride: Int = 1
  ) -> String {
    var x = builder.add("\(name).0", .relu, input)
    x = builder.convolution("\(name).1", x, from: from, to: to, kernel: kernel, stride: stride)
    return builder.batchNorm("\(name).2", x, channels: to)
  }

  private static func reduction(
    _ builder: inout NetworkBuilder, _ prefix: String, _ input: String, from: Int, to: Int
  ) -> String {
    var x = reluConvNorm(&builder, "\(prefix).conv_a.op", input, from: from, to: to, kernel: 3, stride: 2)
    x = reluConvNorm(&builder, "\(prefix).conv_b.op", x, from: to, to: to, kernel: 3)
    var other = builder.add(
      "\(prefix).downsample.0", .avgPool(Pool(kernel: 2, stride: 2), countIncludePad: true), input)
    other = builder.convolution("\(prefix).downsample.1", other, from: from, to: to, kernel: 1)
    return builder.add("\(prefix).add", .add, other, x)
  }
}
