import TinyTensor
import VisionModels

/// Every layer by product quantisation: short sub-vectors replaced by the nearest of a few centroids, at the stored bits of
/// another representation.
public enum ProductQuantization {
  /// Weights per sub-vector.
  public static let subvector = 4

  /// Replaces kernels by their nearest centroids.
  /// - Parameters:
  ///   - bits: bits that a layer may take (indices and 8-bit centroids), by name; layers without an entry stay.
  ///   - iterations: rounds of k-means.
  public static func network(
    _ network: Network, bits: [String: Int], iterations: Int = 12, seed: UInt64 = 0
  ) throws(BasisNError) -> Network {
    var result = network
    for layer in try NetworkShape(network).layers {
      let name = layer.name + ".weight"
      guard let budget = bits[layer.name], let weight = network.parameters[name] else { continue }
      let scalars = weight.scalars
      let count = (scalars.count + subvector - 1) / subvector
      let padded = scalars + [Float](repeating: 0, count: count * subvector - scalars.count)
      let vectors = Tensor(shape: [count, subvector], padded)
      let centroids = min(centroids(budget: budget, vectors: count), count)
      let rebuilt = cluster(vectors, centroids: centroids, iterations: iterations, seed: seed, stream: name)
      result.parameters[name] = Tensor(shape: weight.shape, Array(rebuilt.scalars.prefix(scalars.count)))
    }
    return result
  }

  /// The largest power of two of centroids that fits a budget, at least 2.
  static func centroids(budget: Int, vectors: Int) -> Int {
    var bits = 1
    while bits < 12, vectors * (bits + 1) + (1 << (bits + 1)) * subvector * 8 <= budget { bits += 1 }
    return 1 << bits
  }

  private static func cluster(
    _ vectors: Tensor, centroids count: Int, iterations: Int, seed: UInt64, stream: String
  ) -> Tensor {
    var generator = Philox(seed: seed, stream: "pq." + stream)
    let start = Array(0..<vectors.shape[0]).shuffled(using: &generator).prefix(count)
    var centers = vectors.gatheredRows(Array(start))
    var nearest: [Int] = []
    for _ in 0..<max(1, iterations) {
      // argmin ‖x - c‖² = argmax (x·c - ‖c‖²/2)
      let norms = rowSums(centers * centers).reshaped([count]) * 0.5
      nearest = (matmul(vectors, centers, transposeB: true) - norms).argmaxRows()
      centers = means(vectors, nearest, previous: centers)
    }
    return centers.gatheredRows(nearest)
  }

  private static func means(_ vectors: Tensor, _ nearest: [Int], previous: Tensor) -> Tensor {
    let width = vectors.shape[1]
    var sums = [Double](repeating: 0, count: previous.count)
    var counts = [Int](repeating: 0, count: previous.shape[0])
    vectors.withUnsafeBufferPointer { vectors in
      for (row, center) in nearest.enumerated() {
        counts[center] += 1
        for column in 0..<width { sums[center * width + column] += Double(vectors[row * width + column]) }
      }
    }
    let old = previous.scalars
    return Tensor(
      shape: previous.shape,
      sums.indices.map { counts[$0 / width] > 0 ? Float(sums[$0] / Double(counts[$0 / width])) : old[$0] })
  }
}
