import TinyNN
import TinyTensor

/// Forward and backward of one linear map of a layer, frozen or trainable.
struct LinearGradient {
  let frozen: any LinearOperator
  let trainable: TrainableLinear?
  let numerics: Numerics

  /// `[rows, inputs]` → `[rows, outputs]`, and what the backward pass needs besides the input.
  func forward(_ x: Tensor) -> (output: Tensor, inner: Tensor?) {
    switch trainable {
    case nil: return (frozen.apply(x, numerics: numerics), nil)
    case .lora(let down, let up, let scale):
      let inner = matmul(x, down.value, transposeB: true)
      var output = frozen.apply(x, numerics: numerics)
      output.add(matmul(inner, up.value, transposeB: true), scaledBy: scale)
      return (output, inner)
    case .factored(let basis, let coefficients):
      let inner = matmul(x, basis.value)
      return (matmul(inner, coefficients.value), inner)
    case .dense(let weight): return (matmul(x, weight.value, transposeB: true), nil)
    }
  }

  /// Gradients of the input and of the parameters in the order of ``TrainableLinear/variables``.
  func backward(_ dy: Tensor, x: Tensor, inner: Tensor?) -> (input: Tensor, parameters: [Tensor]) {
    switch trainable {
    case nil: return (Self.inputGradient(dy, frozen), [])
    case .lora(let down, let up, let scale):
      let inner = inner ?? matmul(x, down.value, transposeB: true)
      let dInner = matmul(dy, up.value) * scale
      var dx = Self.inputGradient(dy, frozen)
      dx.add(matmul(dInner, down.value))
      return (dx, [matmul(dInner, x, transposeA: true), matmul(dy, inner, transposeA: true) * scale])
    case .factored(let basis, let coefficients):
      let inner = inner ?? matmul(x, basis.value)
      let dInner = matmul(dy, coefficients.value, transposeB: true)
      return (
        matmul(dInner, basis.value, transposeB: true),
        [matmul(x, dInner, transposeA: true), matmul(inner, dy, transposeA: true)]
      )
    case .dense(let weight): return (matmul(dy, weight.value), [matmul(dy, x, transposeA: true)])
    }
  }

  /// `dy W` for a frozen operator.
  static func inputGradient(_ dy: Tensor, _ linear: any LinearOperator) -> Tensor {
    switch LinearPlan(linear) {
    case .packed(let matrix): return TransposedProduct.gradient(dy, matrix)
    case .factored(let basis, let coefficients):
      return TransposedProduct.gradient(TransposedProduct.gradient(dy, coefficients), basis)
    case .adapted(let base, let down, let up, let scale):
      var dx = TransposedProduct.gradient(dy, base)
      dx.add(TransposedProduct.gradient(TransposedProduct.gradient(dy, up), down), scaledBy: scale)
      return dx
    case .custom(let custom): return matmul(dy, custom.weight)
    }
  }
}
