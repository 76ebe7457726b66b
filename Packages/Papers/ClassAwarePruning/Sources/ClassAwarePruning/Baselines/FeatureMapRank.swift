import TinyTensor
import VisionModels

/// Mean rank of a filter's feature maps (HRank: Lin et al., CVPR 2020).
///
/// The rank of a map is the number of singular values above `tolerance · σ₁`. Vectors (hidden linear layers) are 1×1 maps.
public struct FeatureMapRank: ImportanceCriterion {
  public let name = "hrank"
  /// Singular values below this fraction of the largest count as 0.
  public let tolerance: Float
  /// Images taken of every class.
  public let imagesPerClass: Int

  /// Creates the criterion.
  public init(tolerance: Float = 1e-3, imagesPerClass: Int = 5) {
    self.tolerance = tolerance
    self.imagesPerClass = imagesPerClass
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    let set = try context.images(for: network, criterion: name)
    let layers = network.scoredLayers
    let points = layers.map { network.observationPoint($0, stage: .activated) }
    let probe = try LayerProbe(network, nodes: Set(points))
    var sums: [String: [Int]] = [:]
    var images = 0
    for tensor in set.images {
      let chosen = tensor.slice(0..<min(imagesPerClass, tensor.shape[0]))
      images += chosen.shape[0]
      for observation in try probe.activations(chosen) {
        guard observation.activations.isFinite else {
          throw .notFinite(layer: observation.node, what: "an activation")
        }
        let ranks = try ranks(observation)
        let old = sums[observation.node] ?? [Int](repeating: 0, count: ranks.count)
        sums[observation.node] = zip(old, ranks).map { $0 + $1 }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(layers, points).map { layer, point in
        (layer, (sums[point] ?? []).map { Float($0) / Float(max(1, images)) })
      })
  }

  /// Summed ranks of one layer's maps, by filter.
  private func ranks(_ observation: LayerProbe.Observation) throws(PruneError) -> [Int] {
    let shape = observation.activations.shape
    let filters = shape[shape.count - 1]
    guard shape.count == 4 else {
      let rows = observation.activations.scalars
      return (0..<filters).map { filter in
        stride(from: filter, to: rows.count, by: filters).count { rows[$0] != 0 }
      }
    }
    let maps = observation.activations.permuted([0, 3, 1, 2])
    let area = shape[1] * shape[2]
    let scalars = maps.scalars
    var perMap = [Int?](repeating: 0, count: shape[0] * filters)
    perMap.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let slots = buffer
      parallelFor(shape[0] * filters) { map in
        let matrix = Tensor(shape: [shape[1], shape[2]], Array(scalars[map * area..<(map + 1) * area]))
        slots[map] = Self.rank(of: matrix, tolerance: tolerance)
      }
    }
    var result = [Int](repeating: 0, count: filters)
    for (map, rank) in perMap.enumerated() {
      guard let rank else { throw .notFinite(layer: observation.node, what: "a singular value") }
      result[map % filters] += rank
    }
    return result
  }

  /// Number of singular values above `tolerance · σ₁`; nil if the decomposition does not converge.
  static func rank(of matrix: Tensor, tolerance: Float) -> Int? {
    guard matrix.max() != 0 || matrix.min() != 0 else { return 0 }
    guard let values = try? LinearAlgebra.svd(matrix).s.scalars, let largest = values.max() else { return nil }
    return values.count { $0 > tolerance * largest }
  }
}
