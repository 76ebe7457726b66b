import TinyTensor

extension Variable {
  /// Element-wise sum; either operand may also be a row (its shape the other's last dimension) or have a single element.
  public static func + (a: Variable, b: Variable) -> Variable {
    let (first, second) = (a.shape, b.shape)
    return result("+", [a, b], a.value + b.value) { gradient, needed in
      [needed[0] ? gradient.reduced(to: first) : nil, needed[1] ? gradient.reduced(to: second) : nil]
    }
  }

  /// Element-wise difference, broadcasting as `+` does.
  public static func - (a: Variable, b: Variable) -> Variable {
    let (first, second) = (a.shape, b.shape)
    return result("-", [a, b], a.value - b.value) { gradient, needed in
      [needed[0] ? gradient.reduced(to: first) : nil, needed[1] ? -gradient.reduced(to: second) : nil]
    }
  }

  /// Element-wise product, broadcasting as `+` does.
  public static func * (a: Variable, b: Variable) -> Variable {
    let first = b.requiresGradient ? a.value : nil
    let second = a.requiresGradient ? b.value : nil
    let (firstShape, secondShape) = (a.shape, b.shape)
    return result("*", [a, b], a.value * b.value) { gradient, needed in
      [
        needed[0] ? second.map { (gradient * $0).reduced(to: firstShape) } : nil,
        needed[1] ? first.map { (gradient * $0).reduced(to: secondShape) } : nil,
      ]
    }
  }

  /// Element-wise quotient, broadcasting as `+` does.
  public static func / (a: Variable, b: Variable) -> Variable {
    let divisor = b.value
    let quotient = a.value / divisor
    let (first, second) = (a.shape, b.shape)
    return result("/", [a, b], quotient) { gradient, needed in
      let scaled = gradient / divisor
      return [
        needed[0] ? scaled.reduced(to: first) : nil,
        needed[1] ? -(scaled * quotient).reduced(to: second) : nil,
      ]
    }
  }

  /// Adds a number to every element.
  public static func + (a: Variable, b: Float) -> Variable { result("+", a, a.value + b) { $0 } }
  /// Adds a number to every element.
  public static func + (a: Float, b: Variable) -> Variable { b + a }
  /// Subtracts a number from every element.
  public static func - (a: Variable, b: Float) -> Variable { result("-", a, a.value - b) { $0 } }
  /// Subtracts every element from a number.
  public static func - (a: Float, b: Variable) -> Variable { result("-", b, a - b.value) { negated(&$0) } }
  /// Changes the sign of every element.
  public static prefix func - (a: Variable) -> Variable { result("-", a, -a.value) { negated(&$0) } }
  /// Multiplies every element by a number.
  public static func * (a: Variable, b: Float) -> Variable {
    result("*", a, a.value * b) { gradient in
      gradient.scale(by: b)
      return gradient
    }
  }
  /// Multiplies every element by a number.
  public static func * (a: Float, b: Variable) -> Variable { b * a }
  /// Divides every element by a number.
  public static func / (a: Variable, b: Float) -> Variable {
    result("/", a, a.value / b) { gradient in
      gradient.update { $0 / b }
      return gradient
    }
  }

  private static func negated(_ gradient: inout Tensor) -> Tensor {
    gradient.scale(by: -1)
    return gradient
  }
}

extension Tensor {
  /// Undoes broadcasting: sums over what was repeated to get from `target` to this shape.
  func reduced(to target: [Int]) -> Tensor {
    if shape == target { return self }
    if target.reduce(1, *) == 1 { return Tensor(repeating: sum(), shape: target) }
    return columnSums(self)
  }
}
