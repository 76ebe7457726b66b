import TinyTensor
import VisionModels

/// Every layer by the best matrix of low rank, at the stored bits of another representation.
public enum LowRank {
  /// Replaces kernels by truncated singular value decompositions.
  /// - Parameters:
  ///   - bits: bits that a layer may take, by name; layers without an entry stay.
  ///   - factorBits: bits per entry of the factors.
  public static func network(
    _ network: Network, bits: [String: Int], factorBits: Int = 8
  ) throws(BasisNError) -> Network {
    var result = network
    for layer in try NetworkShape(network).layers {
      let name = layer.name + ".weight"
      guard let budget = bits[layer.name], let weight = network.parameters[name] else { continue }
      let matrix = weight.reshaped([layer.outputs, layer.reduction])
      let rank = max(
        1, min(budget / (factorBits * (layer.outputs + layer.reduction)), min(layer.outputs, layer.reduction)))
      do {
        let (u, s, vt) = try LinearAlgebra.svd(matrix)
        let left = quantized(u.lastDimensionSlice(0..<rank) * s.slice(0..<rank), bits: factorBits)
        let right = quantized(vt.slice(0..<rank), bits: factorBits)
        result.parameters[name] = matmul(left, right).reshaped(weight.shape)
      } catch {
        throw .notSolved("singular values of \(layer.name): \(error)")
      }
    }
    return result
  }

  /// Symmetric rounding with one step per tensor.
  private static func quantized(_ tensor: Tensor, bits: Int) -> Tensor {
    let largest = max(tensor.max(), -tensor.min())
    guard largest > 0 else { return tensor }
    let step = largest / Float((1 << (bits - 1)) - 1)
    return tensor.map { ($0 / step).rounded() * step }
  }
}
