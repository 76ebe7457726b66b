import TinyTensor

/// Read noise: one normal number per column sum, whose variance is the sum of the cells' variances. The sum of independent
/// normal errors is normal, so this has the same distribution as one number per cell.
enum ReadNoiseKernel {
  /// Adds noise to rows of sums.
  /// - Parameters:
  ///   - variances: variance of each sum, same shape.
  ///   - key: number of the first row; row `r` draws from a stream of its own, `key + r`.
  static func add(to sums: inout Tensor, variances: Tensor, seed: UInt64, key: UInt64, cycle: Int) {
    let (rows, columns) = (sums.shape[0], sums.shape[1])
    let salt = Philox(seed: seed, stream: "read.\(cycle)").stream
    variances.withUnsafeBufferPointer { variances in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let sums = sums.baseAddress, let variances = variances.baseAddress else { return }
        parallelRanges(rows, grain: 64, alignment: 1) { range in
          for row in range {
            var generator = Philox(seed: seed, stream: salt ^ ((key &+ UInt64(row)) &* 0x9e37_79b9_7f4a_7c15))
            for column in row * columns..<(row + 1) * columns {
              sums[column] += max(0, variances[column]).squareRoot() * generator.normal()
            }
          }
        }
      }
    }
  }
}
