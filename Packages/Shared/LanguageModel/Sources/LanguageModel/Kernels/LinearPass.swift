import TinyTensor

/// Executes the linear maps that read one input, in as few parallel passes as possible.
enum LinearPass {
  /// One map and where its output goes.
  struct Item {
    let plan: LinearPlan
    let output: Rows
  }

  /// - Parameters:
  ///   - input: the activations.
  ///   - quantized: the same in 8 bits; `nil` in exact numerics.
  static func run(_ items: [Item], input: Rows, quantized: QuantizedRows?, numerics: Numerics) {
    let inner = items.reduce(0) { $0 + ($1.plan.innerMatrix?.rows ?? 0) }
    if inner == 0 {
      runPass(items, input: input, quantized: quantized, numerics: numerics, inner: nil)
    } else {
      withScratch(Float.self, count: inner * input.count) { scratch in
        runPass(items, input: input, quantized: quantized, numerics: numerics, inner: scratch)
      }
    }
  }

  private static func runPass(
    _ items: [Item], input: Rows, quantized: QuantizedRows?, numerics: Numerics, inner: UnsafeMutablePointer<Float>?
  ) {
    var products: [PackedProduct] = []
    products.reserveCapacity(items.count + 2)
    var seconds: [(matrix: PackedMatrix, input: Rows, output: Rows, scale: Float?)] = []
    var innerRows: [ObjectIdentifier: Rows] = [:]
    var offset = 0
    func low(_ matrix: PackedMatrix) -> Rows {
      // Maps that share a basis share its product too.
      if let known = innerRows[ObjectIdentifier(matrix)] { return known }
      guard let inner else { preconditionFailure("no scratch for a factored operator") }
      let rows = Rows(inner + offset * input.count, count: input.count, width: matrix.rows)
      offset += matrix.rows
      innerRows[ObjectIdentifier(matrix)] = rows
      products.append(PackedProduct(matrix: matrix, output: rows))
      return rows
    }
    for item in items {
      switch item.plan {
      case .packed(let matrix):
        products.append(PackedProduct(matrix: matrix, output: item.output))
      case .factored(let basis, let coefficients):
        seconds.append((coefficients, low(basis), item.output, nil))
      case .adapted(let base, let down, let up, let scale):
        products.append(PackedProduct(matrix: base, output: item.output))
        seconds.append((up, low(down), item.output, scale))
      case .custom(let linear):
        item.output.fill(from: linear.apply(input.tensor(), numerics: numerics))
      }
    }
    PackedProduct.multiply(products, input: input, quantized: quantized)
    for second in seconds {
      multiply(second.matrix, second.input, into: second.output, addingScaled: second.scale, numerics: numerics)
    }
  }

  private static func multiply(
    _ matrix: PackedMatrix, _ input: Rows, into output: Rows, addingScaled scale: Float?, numerics: Numerics
  ) {
    withQuantized(input, wanted: numerics == .fast && matrix.format != .float) { quantized in
      guard let scale else {
        PackedProduct.multiply([PackedProduct(matrix: matrix, output: output)], input: input, quantized: quantized)
        return
      }
      withScratch(Float.self, count: output.count * output.width) { scratch in
        let update = Rows(scratch, count: output.count, width: output.width)
        PackedProduct.multiply([PackedProduct(matrix: matrix, output: update)], input: input, quantized: quantized)
        RowKernels.add(update, to: output, scale: scale)
      }
    }
  }

  /// Lends the rows in 8 bits if wanted and possible.
  static func withQuantized<R>(_ input: Rows, wanted: Bool, _ body: (QuantizedRows?) -> R) -> R {
    guard wanted, input.width % PackedMatrix.blockColumns == 0 else { return body(nil) }
    return withScratch(
      Float.self, count: QuantizedRows.scratchFloats(count: input.count, width: input.width)
    ) { scratch in
      let quantized = QuantizedRows(scratch: scratch, count: input.count, width: input.width)
      RowKernels.quantize(input, into: quantized)
      return body(quantized)
    }
  }

  /// Applies one plan to a tensor.
  static func apply(_ plan: LinearPlan, to input: Tensor, outputWidth: Int, numerics: Numerics) -> Tensor {
    var source = input
    var result = Tensor(uninitialized: [input.shape[0], outputWidth])
    Rows.with(&source) { rows in
      Rows.with(&result) { output in
        withQuantized(rows, wanted: numerics == .fast && plan.readsQuantized) { quantized in
          run([Item(plan: plan, output: output)], input: rows, quantized: quantized, numerics: numerics)
        }
      }
    }
    return result
  }
}

extension LinearPlan {
  /// The first of two matrices in sequence.
  fileprivate var innerMatrix: PackedMatrix? {
    switch self {
    case .factored(let basis, _): basis
    case .adapted(_, let down, _, _): down
    default: nil
    }
  }
}
