import TinyTensor

/// `Σ |w|` over all elements of all parameters; the subgradient at 0 is 0.
public func l1Norm(_ parameters: [Variable]) -> Variable {
  let values = parameters.map(\.value)
  let total = values.reduce(0.0) { total, value in total + value.mapLanes { $0.magnitudes }.preciseSum() }
  return Variable.result("l1Norm", parameters, Tensor(scalar: Float(total))) { gradient, needed in
    let scale = gradient.item
    return zip(values, needed).map { value, isNeeded in
      isNeeded ? value.mapLanes { $0.signs * scale } : nil
    }
  }
}

/// `Σ w²` over all elements of all parameters (the ridge penalty, without factor ½).
public func squaredL2Norm(_ parameters: [Variable]) -> Variable {
  let values = parameters.map(\.value)
  let total = values.reduce(0.0) { $0 + $1.sumOfSquares() }
  return Variable.result("squaredL2Norm", parameters, Tensor(scalar: Float(total))) { gradient, needed in
    let scale = 2 * gradient.item
    return zip(values, needed).map { $1 ? $0 * scale : nil }
  }
}

/// The Euclidean norm `sqrt(Σ w²)` over all elements of all parameters; the gradient is 0 where the norm is 0.
public func l2Norm(_ parameters: [Variable]) -> Variable {
  let values = parameters.map(\.value)
  let norm = Float(values.reduce(0.0) { $0 + $1.sumOfSquares() }.squareRoot())
  return Variable.result("l2Norm", parameters, Tensor(scalar: norm)) { gradient, needed in
    let scale = norm > 0 ? gradient.item / norm : 0
    return zip(values, needed).map { $1 ? $0 * scale : nil }
  }
}

/// The Frobenius norm of one tensor, `sqrt(Σ x²)`.
public func frobeniusNorm(_ x: Variable) -> Variable { l2Norm([x]) }

/// How far the rows of a matrix are from orthonormal, `‖W · Wᵀ − I‖` (Frobenius norm, not squared).
/// - Parameter weight: `[out, in]`; other ranks are flattened to `[out, rest]`, which for a convolution kernel compares whole
///   filters.
public func orthogonality(_ weight: Variable) -> Variable {
  precondition(weight.value.rank >= 2, "orthogonality needs a matrix or a kernel, the shape is \(weight.shape)")
  let matrix = weight.value.rank == 2 ? weight : weight.reshaped([weight.shape[0], -1])
  return frobeniusNorm(matmul(matrix, matrix, transposeB: true) - Variable(identity(weight.shape[0])))
}

/// How far a convolution is from orthogonal (Wang et al., "Orthogonal convolutional neural networks", CVPR 2020):
/// `‖conv(W, W) − I₀‖` (Frobenius norm, not squared), with I₀ the identity at the centre offset.
///
/// The kernels are taken both as `out` images and as filters, with stride 1 and a padding of half the (odd) kernel.
/// - Parameter weight: `[out, in, kernel, kernel]`.
public func convOrthogonality(_ weight: Variable) -> Variable {
  let shape = weight.shape
  precondition(
    shape.count == 4 && shape[2] == shape[3] && shape[2] % 2 == 1,
    "convOrthogonality needs a kernel [out, in, k, k] with odd k, the shape is \(shape)")
  let (filters, kernel) = (shape[0], shape[2])
  let overlap = conv2d(weight.permuted([0, 2, 3, 1]), weight: weight, padding: kernel / 2)
  var target = Tensor(zeros: overlap.shape)
  for filter in 0..<filters { target[filter, kernel / 2, kernel / 2, filter] = 1 }
  return frobeniusNorm(overlap - Variable(target))
}

private func identity(_ size: Int) -> Tensor {
  var result = Tensor(zeros: [size, size])
  for index in 0..<size { result[index, index] = 1 }
  return result
}
