extension Tensor {
  /// Element-wise sum; either operand may also be a row (its shape the other's last dimension) or have a single element.
  public static func + (a: Tensor, b: Tensor) -> Tensor { a.combinedLanes(with: b) { $0 + $1 } }
  /// Element-wise difference, broadcasting as `+` does.
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.combinedLanes(with: b) { $0 - $1 } }
  /// Element-wise product, broadcasting as `+` does.
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.combinedLanes(with: b) { $0 * $1 } }
  /// Element-wise quotient, broadcasting as `+` does.
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.combinedLanes(with: b) { $0 / $1 } }

  /// Adds a number to every element.
  public static func + (a: Tensor, b: Float) -> Tensor { a.mapLanes { $0 + b } }
  /// Adds a number to every element.
  public static func + (a: Float, b: Tensor) -> Tensor { b.mapLanes { a + $0 } }
  /// Subtracts a number from every element.
  public static func - (a: Tensor, b: Float) -> Tensor { a.mapLanes { $0 - b } }
  /// Subtracts every element from a number.
  public static func - (a: Float, b: Tensor) -> Tensor { b.mapLanes { a - $0 } }
  /// Multiplies every element by a number.
  public static func * (a: Tensor, b: Float) -> Tensor { a.mapLanes { $0 * b } }
  /// Multiplies every element by a number.
  public static func * (a: Float, b: Tensor) -> Tensor { b.mapLanes { a * $0 } }
  /// Divides every element by a number.
  public static func / (a: Tensor, b: Float) -> Tensor { a.mapLanes { $0 / b } }
  /// Divides a number by every element.
  public static func / (a: Float, b: Tensor) -> Tensor { b.mapLanes { a / $0 } }
  /// Changes the sign of every element.
  public static prefix func - (a: Tensor) -> Tensor { a.mapLanes { -$0 } }

  /// In-place element-wise sum.
  public static func += (a: inout Tensor, b: Tensor) {
    if a.shape == b.shape { a.add(b, scaledBy: 1) } else { a = a + b }
  }

  /// In-place `self += factor * other`, shapes equal.
  public mutating func add(_ other: Tensor, scaledBy factor: Float = 1) {
    precondition(shape == other.shape, "add(_:scaledBy:) needs equal shapes, got \(shape) and \(other.shape)")
    updateLanes(with: other) { $0 + factor * $1 }
  }

  /// In-place multiplication by a number.
  public mutating func scale(by factor: Float) {
    updateLanes { $0 * factor }
  }
}
