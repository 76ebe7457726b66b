import TinyTensor

/// Any function of two 8-bit integers in the place of their product: approximate multipliers, encoded circuits, look-up tables.
///
/// The function is tabulated once, 65 536 entries.
public struct IntegerProduct: Sendable {
  /// `table[(a + 128) · 256 + b + 128]` is the product of `a` and `b`.
  public let table: [Int32]
  /// Whether this is the ordinary product, which the matrix product of bytes computes.
  public let isExact: Bool

  /// Tabulates a function.
  public init(_ function: (Int8, Int8) -> Int32) {
    let values = (-128...127).flatMap { a in (-128...127).map { b in function(Int8(a), Int8(b)) } }
    table = values
    isExact = values.indices.allSatisfy { values[$0] == Int32((($0 >> 8) - 128) * (($0 & 255) - 128)) }
  }

  /// The exact product.
  public static let exact = IntegerProduct { Int32($0) * Int32($1) }

  /// The product of two integers.
  public subscript(a: Int8, b: Int8) -> Int32 { table[(Int(a) + 128) << 8 | (Int(b) + 128)] }
}

/// The gradients of an operation whose forward pass is integer arithmetic, computed by the caller from the dequantised operands.
/// - Parameters:
///   - outputGradient: `[rows, out]`.
///   - x: dequantised input `[rows, in]`.
///   - weight: dequantised weight `[out, in]`.
public typealias IntegerSurrogate = (
  _ outputGradient: Tensor, _ x: Tensor, _ weight: Tensor
) -> (x: Tensor, weight: Tensor)

/// A linear layer in 8-bit integer arithmetic with a replaceable product: `y[r, o] = s_x · s_w[o] · Σ f(q_x[r, i], q_w[o, i])`.
///
/// Operands are quantised by their quantisers, whose codes must fit 8 bits; the accumulator has 64 bits. The gradient is that of
/// `surrogate`, by default that of the exact product, then straight through the quantisers.
/// - Parameters:
///   - x: `[rows, in]`.
///   - weight: `[out, in]`.
///   - inputQuantizer: with one scale.
///   - weightQuantizer: with one scale, or one per output.
public func integerLinear(
  _ x: Variable, weight: Variable, product: IntegerProduct, inputQuantizer: FakeQuantizer,
  weightQuantizer: FakeQuantizer, surrogate: IntegerSurrogate? = nil
) -> Variable {
  precondition(
    x.shape.count == 2 && weight.shape.count == 2 && x.shape[1] == weight.shape[1],
    "integerLinear: the input \(x.shape) does not fit the weight \(weight.shape)")
  precondition(inputQuantizer.scales.count == 1, "integerLinear: one scale for the input")
  let quantizedInput = inputQuantizer(x)
  let quantizedWeight = weightQuantizer(weight)
  let (rows, outputs, depth) = (x.shape[0], weight.shape[0], x.shape[1])
  let left = eightBitCodes(inputQuantizer.codes(x.value), inputQuantizer.range)
  let right = eightBitCodes(weightQuantizer.codes(weight.value), weightQuantizer.range)
  let scales = (0..<outputs).map {
    inputQuantizer.scales[0] * weightQuantizer.scales[weightQuantizer.scales.count == 1 ? 0 : $0]
  }
  let value =
    product.isExact && depth <= IntegerKernel.greatestExactDepth
    ? IntegerKernel.products(left, right, rows: rows, outputs: outputs, depth: depth, scales: scales)
    : IntegerKernel.products(
      left, right, rows: rows, outputs: outputs, depth: depth, table: product.table, scales: scales)
  let (inputValue, weightValue) = (quantizedInput.value, quantizedWeight.value)
  return Variable.result("integerLinear", [quantizedInput, quantizedWeight], value) { gradient, needed in
    if let surrogate {
      let parts = surrogate(gradient, inputValue, weightValue)
      return [needed[0] ? parts.x : nil, needed[1] ? parts.weight : nil]
    }
    return [
      needed[0] ? matmul(gradient, weightValue) : nil,
      needed[1] ? matmul(gradient, inputValue, transposeA: true) : nil,
    ]
  }
}

private func eightBitCodes(_ codes: Tensor, _ range: QuantizationRange) -> [Int8] {
  precondition(range.lower >= -128 && range.upper <= 127, "codes \(range.lower)...\(range.upper) do not fit 8 bits")
  return codes.scalars.map { Int8($0) }
}
