/// Dense Double loops of the resistive grid.
enum GridKernel {
  /// `c = scale · a · b` for square row-major matrices.
  static func product(_ a: [Double], _ b: [Double], size: Int, scale: Double) -> [Double] {
    var c = [Double](repeating: 0, count: size * size)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          for row in 0..<size {
            for inner in 0..<size {
              let factor = scale * a[row * size + inner]
              for column in 0..<size { c[row * size + column] += factor * b[inner * size + column] }
            }
          }
        }
      }
    }
    return c
  }

  /// `y = a · x`.
  static func product(_ a: [Double], vector x: [Double], size: Int) -> [Double] {
    var y = [Double](repeating: 0, count: size)
    a.withUnsafeBufferPointer { a in
      x.withUnsafeBufferPointer { x in
        for row in 0..<size {
          var sum = 0.0
          for column in 0..<size { sum += a[row * size + column] * x[column] }
          y[row] = sum
        }
      }
    }
    return y
  }

  /// Solves a symmetric tridiagonal system with constant off-diagonal `-coupling` for several right-hand sides at once.
  /// - Parameters:
  ///   - diagonal: `size` entries.
  ///   - right: `size × count`, row-major; overwritten with the solutions.
  static func solveChain(diagonal: [Double], coupling: Double, right: inout [Double], count: Int) {
    let size = diagonal.count
    var pivots = diagonal
    right.withUnsafeMutableBufferPointer { right in
      for row in 1..<max(1, size) {
        let factor = -coupling / pivots[row - 1]
        pivots[row] += factor * coupling
        for column in 0..<count { right[row * count + column] -= factor * right[(row - 1) * count + column] }
      }
      for row in stride(from: size - 1, through: 0, by: -1) {
        for column in 0..<count {
          var value = right[row * count + column]
          if row + 1 < size { value += coupling * right[(row + 1) * count + column] }
          right[row * count + column] = value / pivots[row]
        }
      }
    }
  }
}
