/// The counting pass of the class score (section 2.4): one stream over activations and gradients.
///
/// Both arrays hold `images` blocks of `positions` values (height · width · channels). The images are taken in blocks of
/// positions small enough that the counters stay in the first-level cache.
package enum TaylorCountKernel {
  private typealias Vector = SIMD8<Float>
  private static let blockLength = 1024

  /// For every position, the number of images with `|a · g| > threshold`.
  /// - Returns: false if some product is NaN or infinite; the counts are then meaningless.
  package static func count(
    activations: UnsafePointer<Float>, gradients: UnsafePointer<Float>, images: Int, positions: Int, threshold: Float,
    into counts: UnsafeMutablePointer<Int32>
  ) -> Bool {
    var finiteProbe = Vector.zero
    var finiteTail: Float = 0
    for start in stride(from: 0, to: positions, by: blockLength) {
      let end = min(positions, start + blockLength)
      (counts + start).update(repeating: 0, count: end - start)
      for image in 0..<images {
        let a = activations + image * positions
        let g = gradients + image * positions
        var index = start
        while index + Vector.scalarCount <= end {
          let product = load(a + index) * load(g + index)
          // 0 · x is 0 unless x is NaN or infinite: one multiply-add watches over the whole stream.
          finiteProbe += product * 0
          let isAbove = (product .> threshold) .| (product .< -threshold)
          let counter = UnsafeMutableRawPointer(counts + index)
          let old = counter.loadUnaligned(as: SIMD8<Int32>.self)
          counter.storeBytes(
            of: old &+ SIMD8<Int32>.zero.replacing(with: 1, where: isAbove), as: SIMD8<Int32>.self)
          index += Vector.scalarCount
        }
        while index < end {
          let product = a[index] * g[index]
          finiteTail += product * 0
          if abs(product) > threshold { counts[index] += 1 }
          index += 1
        }
      }
    }
    return finiteProbe.sum() + finiteTail == 0
  }

  /// Mean of `|a · g|` over everything, accumulated in chunks so that Float sums stay short.
  package static func meanMagnitude(
    activations: UnsafePointer<Float>, gradients: UnsafePointer<Float>, count: Int
  ) -> Double {
    guard count > 0 else { return 0 }
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      let end = min(count, start + blockLength)
      var sum = Vector.zero
      var index = start
      while index + Vector.scalarCount <= end {
        let product = load(activations + index) * load(gradients + index)
        sum += product.replacing(with: -product, where: product .< 0)
        index += Vector.scalarCount
      }
      var tail: Float = 0
      while index < end {
        tail += abs(activations[index] * gradients[index])
        index += 1
      }
      total += Double(sum.sum() + tail)
    }
    return total / Double(count)
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }
}
