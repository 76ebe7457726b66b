import Foundation
import TinyTensor

/// Layer and root-mean-square normalisation of rows.
enum RowNormKernel {
  /// Normalises every row and returns what the gradient needs.
  /// - Parameter centered: subtract the mean (layer norm) or not (RMS norm).
  static func normalize(_ x: Tensor, epsilon: Float, centered: Bool) -> (normalized: Tensor, inverse: Tensor) {
    let width = x.shape.last ?? 1
    precondition(width > 0, "normalisation over an empty dimension, the shape is \(x.shape)")
    let rows = x.count / width
    var normalized = Tensor(uninitialized: x.shape)
    var inverse = Tensor(uninitialized: [rows])
    normalized.withUnsafeMutableBufferPointer { target in
      inverse.withUnsafeMutableBufferPointer { inverses in
        x.withUnsafeBufferPointer { source in
          guard let target = target.baseAddress, let inverses = inverses.baseAddress, let source = source.baseAddress
          else { return }
          RowKernel.forEachRow(rows, width: width) { row in
            let input = source + row * width
            let mean = centered ? RowKernel.sum(input, width) / Float(width) : 0
            let power = RowKernel.sum(input, width) { ($0 - mean) * ($0 - mean) } / Float(width)
            let scale = 1 / (power + epsilon).squareRoot()
            inverses[row] = scale
            RowKernel.map(input, width, into: target + row * width) { ($0 - mean) * scale }
          }
        }
      }
    }
    return (normalized, inverse)
  }

  /// The gradient with respect to the input, from the gradient with respect to the normalised rows `n`:
  /// `inverse · (g − mean(g) − n · mean(g ⊙ n))`, without the term mean(g) if not centred. Overwrites `gradient`.
  static func gradient(_ gradient: inout Tensor, normalized: Tensor, inverse: Tensor, centered: Bool) {
    let width = normalized.shape.last ?? 1
    gradient.withUnsafeMutableBufferPointer { target in
      normalized.withUnsafeBufferPointer { rows in
        inverse.withUnsafeBufferPointer { inverses in
          guard let target = target.baseAddress, let rows = rows.baseAddress else { return }
          RowKernel.forEachRow(inverses.count, width: width) { row in
            let g = target + row * width
            let n = rows + row * width
            let mean = centered ? RowKernel.sum(g, width) / Float(width) : 0
            let slope = RowKernel.sum(g, n, width) { $0 * $1 } / Float(width)
            let scale = inverses[row]
            for column in 0..<width { g[column] = scale * (g[column] - mean - n[column] * slope) }
          }
        }
      }
    }
  }
}
