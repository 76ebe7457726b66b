import TinyTensor

/// The squared error `(a − b)²`, as mean or sum over all elements.
public func mse(_ a: Variable, _ b: Variable, reduction: Reduction = .mean) -> Variable {
  elementLoss("mse", a, b, reduction, value: { $0 * $0 }, slope: { $0 * 2 })
}

/// The absolute error `|a − b|`, as mean or sum over all elements; the gradient at 0 is 0.
public func l1(_ a: Variable, _ b: Variable, reduction: Reduction = .mean) -> Variable {
  elementLoss("l1", a, b, reduction, value: { $0.magnitudes }, slope: { $0.signs })
}

/// The Huber loss of the difference `d`: `d² / 2` up to `delta`, `delta · (|d| − delta / 2)` beyond; mean or sum over all elements.
public func huber(_ a: Variable, _ b: Variable, delta: Float = 1, reduction: Reduction = .mean) -> Variable {
  precondition(delta > 0, "huber needs a positive delta, got \(delta)")
  return elementLoss(
    "huber", a, b, reduction,
    value: { d in
      let size = d.magnitudes
      return (delta * (size - 0.5 * delta)).replacing(with: 0.5 * size * size, where: size .<= delta)
    },
    slope: { $0.limited(-delta, delta) })
}

/// A loss that is a function of the difference of two variables of the same shape.
private func elementLoss(
  _ name: String, _ a: Variable, _ b: Variable, _ reduction: Reduction,
  value: @escaping @Sendable (Lanes) -> Lanes, slope: @escaping @Sendable (Lanes) -> Lanes
) -> Variable {
  precondition(a.shape == b.shape, "\(name) needs equal shapes, got \(a.shape) and \(b.shape)")
  let difference = a.value - b.value
  let scale = reduction == .mean ? 1 / Float(difference.count) : 1
  let total = Tensor(scalar: Float(difference.mapLanes(value).preciseSum() * Double(scale)))
  return Variable.result(name, [a, b], total) { gradient, needed in
    let factor = gradient.item * scale
    let first = difference.mapLanes { slope($0) * factor }
    return [needed[0] ? first : nil, needed[1] ? -first : nil]
  }
}
