/// For every filter, how many classes it is important for, and for which (section 2.4).
public struct ClassScores: Sendable, Hashable, Codable {
  /// Scores of one layer.
  public struct Layer: Sendable, Hashable, Codable {
    /// Name of the layer.
    public let name: String
    /// Score of every filter, `0...N`.
    public let scores: [Float]
    /// Share of the class's images for which the filter is important at its best position: `[class][filter]`, `0...1`.
    public let perClass: [[Float]]
  }

  /// Names of the classes.
  public let classNames: [String]
  /// The layers in graph order.
  public let layers: [Layer]
  /// How the scores were made.
  public let options: ScoreOptions
  /// Images used per class.
  public let imagesPerClass: [Int]
  /// Classes whose loss had underflowed to 0, and the temperature at which they were scored instead.
  public let temperatures: [String: Float]
  /// Digest of the weights that were scored.
  public let fingerprint: String

  /// Number of classes N.
  public var classes: Int { classNames.count }

  /// Score of every filter of a layer; empty for an unknown one.
  public func score(layer: String) -> [Float] { self[layer]?.scores ?? [] }

  /// Importance per class and filter of a layer; empty for an unknown one.
  public func perClass(layer: String) -> [[Float]] { self[layer]?.perClass ?? [] }

  /// The entry of one layer.
  public subscript(layer: String) -> Layer? { layers.first { $0.name == layer } }

  /// The scores in the form that a ``RemovalRule`` reads.
  public var byLayer: [String: [Float]] {
    Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0.scores) })
  }

  /// How many filters fall between consecutive edges. A score `s` is in bin `i` if `edges[i] < s <= edges[i + 1]`; the first
  /// bin includes its lower edge.
  public func histogram(edges: [Float], layers names: Set<String>? = nil) -> [Int] {
    var counts = [Int](repeating: 0, count: max(0, edges.count - 1))
    for layer in layers where names?.contains(layer.name) ?? true {
      for score in layer.scores {
        let bin = score <= edges[0] ? 0 : counts.indices.first { score > edges[$0] && score <= edges[$0 + 1] }
        if let bin { counts[bin] += 1 }
      }
    }
    return counts
  }

  /// Scores that count only some of the classes: what a filter is worth to a device that needs no others.
  /// - Parameter kept: indices of the classes that matter.
  /// - Returns: by layer, the sum of the kept classes' importances, `0...kept.count`.
  public func restricted(to kept: [Int]) -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: layers.map { layer in
        var sums = [Float](repeating: 0, count: layer.scores.count)
        for label in kept where layer.perClass.indices.contains(label) {
          for filter in sums.indices { sums[filter] += layer.perClass[label][filter] }
        }
        return (layer.name, sums)
      })
  }
}
