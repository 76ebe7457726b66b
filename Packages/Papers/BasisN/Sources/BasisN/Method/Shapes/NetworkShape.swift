import Foundation
import JSONC
import VisionModels

/// The layers of a network that hold weights: all that scheduling and cost need to know.
public struct NetworkShape: Sendable, Hashable, Codable {
  /// Name for reports.
  public let name: String
  /// Convolutions and linear layers in graph order.
  public let layers: [LayerShape]

  /// Creates a shape from layers.
  /// - Throws: ``BasisNError/nothingToEncode(_:)`` without layers.
  public init(name: String, layers: [LayerShape]) throws(BasisNError) {
    guard !layers.isEmpty else { throw .nothingToEncode("\(name) has no convolution and no linear layer") }
    self.name = name
    self.layers = layers
  }

  /// The convolutions and linear layers of a network graph.
  public init(_ network: Network, name: String? = nil) throws(BasisNError) {
    var layers: [LayerShape] = []
    for cost in network.cost().layers {
      guard let matrix = cost.matrix else { continue }
      layers.append(
        try LayerShape(
          name: cost.node, outputs: matrix.outputs * matrix.groups, reduction: matrix.reduction, groups: matrix.groups,
          windows: matrix.outputPixels))
    }
    try self.init(name: name ?? network.name, layers: layers)
  }

  /// Reads `{"name": …, "layers": [{"name", "outputs", "reduction", "groups", "windows"}]}`.
  /// - Throws: ``BasisNError/invalidFile(path:detail:)`` and what the layers' sizes violate.
  public init(loading url: URL) throws(BasisNError) {
    let raw: NetworkShape
    do {
      raw = try JSON.read(NetworkShape.self, from: url)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
    var layers: [LayerShape] = []
    for layer in raw.layers {
      layers.append(
        try LayerShape(
          name: layer.name, outputs: layer.outputs, reduction: layer.reduction, groups: layer.groups,
          windows: layer.windows))
    }
    try self.init(name: raw.name, layers: layers)
  }

  /// Weights, without biases.
  public var weights: Int { layers.reduce(0) { $0 + $1.weights } }
  /// Multiply-accumulates of one image.
  public var macs: Int { layers.reduce(0) { $0 + $1.macs } }
  /// Crossbars that would hold all weights (T).
  public func tiles(rows: Int = 128, signedColumns: Int = 64) -> Int {
    layers.reduce(0) { $0 + $1.tiles(rows: rows, signedColumns: signedColumns) }
  }
  /// Σ W·S over all layers.
  public func windowSlices(rows: Int = 128) -> Int { layers.reduce(0) { $0 + $1.windowSlices(rows: rows) } }
  /// Kernel slices over all layers.
  public func kernelSlices(rows: Int = 128) -> Int { layers.reduce(0) { $0 + $1.kernelSlices(rows: rows) } }
}
