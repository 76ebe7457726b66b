import LanguageModel

/// Names the inputs that one Gram sums over: a site of a layer.
public struct GramKey: Sendable, Hashable, Codable {
  /// Where in the layer.
  public var site: InputSite
  /// Which layer.
  public var layer: Int

  /// Creates a key.
  public init(_ site: InputSite, layer: Int) {
    self.site = site
    self.layer = layer
  }

  /// All keys of a model, layer by layer.
  public static func all(layers: Int) -> [GramKey] {
    (0..<layers).flatMap { layer in InputSite.allCases.map { GramKey($0, layer: layer) } }
  }
}
