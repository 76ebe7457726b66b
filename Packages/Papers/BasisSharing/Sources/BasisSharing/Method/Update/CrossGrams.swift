import LanguageModel
import TinyTensor

/// X′ᵀX per site and layer: the inputs of a changed model against those of the original.
struct CrossGrams {
  private var sums: [GramKey: DoubleMatrix] = [:]

  /// Adds X′ᵀX for the inputs X′ = `changed` and X = `original` of one window, both `[tokens, width]`.
  mutating func accumulate(_ key: GramKey, changed: Tensor, original: Tensor) {
    let product = matmul(changed, original, transposeA: true)
    var sum = sums.removeValue(forKey: key) ?? DoubleMatrix(zeros: product.shape[0], product.shape[1])
    product.withUnsafeBufferPointer { product in
      sum.values.withUnsafeMutableBufferPointer { sum in
        for index in sum.indices { sum[index] += Double(product[index]) }
      }
    }
    sums[key] = sum
  }

  /// The sum for the inputs of a layer, if there were any.
  subscript(key: GramKey) -> DoubleMatrix? { sums[key] }
}
