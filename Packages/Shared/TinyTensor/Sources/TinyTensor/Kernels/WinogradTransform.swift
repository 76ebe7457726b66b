import TinyTensorShims

/// The one-dimensional transforms of Winograd's minimal filtering F(4, 3): four outputs of a three-tap filter from six inputs with
/// six products instead of twelve (Winograd 1980; Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks").
///
/// A polynomial of degree 5 is known by its values at six points. Filter and input are evaluated there, the values are multiplied,
/// and the outputs are read off:
///
///     y = Aᵀ [(G g) ⊙ (Bᵀ d)]
///
/// The points are 0, ±1/√2, ±√2 and ∞. They come in pairs of opposite sign, which halves the work, and in pairs of reciprocals,
/// which keeps the largest coefficient at 2.83; the customary 0, ±1, ±2, ∞ need 8 and lose about two more bits.
///
/// Each transform reads its operand through `load` and hands out its results through `store`, so that the same arithmetic runs along
/// rows and columns. In two dimensions a transform is applied along both: `Bᵀ d B`.
enum WinogradTransform {
  /// Eight channels, which are transformed side by side.
  typealias Vector = SIMD8<Float>

  /// Outputs of a tile along each side.
  @inline(__always) static var outputSide: Int { 4 }
  /// Inputs of a tile along each side, and products per dimension.
  @inline(__always) static var inputSide: Int { 6 }
  /// Products of a tile.
  @inline(__always) static var products: Int { 36 }

  /// 1/√2 and √2, the finite points other than 0.
  @inline(__always) private static var small: Float { 0.707_106_781_2 }
  @inline(__always) private static var large: Float { 1.414_213_562_4 }

  @inline(__always) private static func vector(_ value: Float) -> Vector { Vector(repeating: value) }

  /// `Bᵀ d`: six inputs to their values at the points.
  @inline(__always)
  static func input(_ load: (Int) -> Vector, _ store: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3, d4, d5) = (load(0), load(1), load(2), load(3), load(4), load(5))
    store(0, tt_multiply_add(d0 + d4, d2, vector(-2.5)))
    let smallEven = tt_multiply_add(d4, d2, vector(-2))
    let smallOdd = tt_multiply_add(d3, d1, vector(-2))
    store(1, tt_multiply_add(smallEven, smallOdd, vector(small)))
    store(2, tt_multiply_add(smallEven, smallOdd, vector(-small)))
    let largeEven = tt_multiply_add(d4, d2, vector(-0.5))
    let largeOdd = tt_multiply_add(d3, d1, vector(-0.5))
    store(3, tt_multiply_add(largeEven, largeOdd, vector(large)))
    store(4, tt_multiply_add(largeEven, largeOdd, vector(-large)))
    store(5, tt_multiply_add(d1 + d5, d3, vector(-2.5)))
  }

  /// `Aᵀ m`: six products to four outputs.
  @inline(__always)
  static func output(_ load: (Int) -> Vector, _ store: (Int, Vector) -> Void) {
    let (m1, m2, m3, m4) = (load(1), load(2), load(3), load(4))
    let (smallSum, smallDifference) = (m1 + m2, m1 - m2)
    let (largeSum, largeDifference) = (m3 + m4, m3 - m4)
    store(0, load(0) + smallSum + largeSum)
    store(1, tt_multiply_add(smallDifference, largeDifference, vector(2)) * vector(small))
    store(2, tt_multiply_add(smallSum, largeSum, vector(4)) * vector(0.5))
    store(
      3,
      tt_multiply_add(load(5), tt_multiply_add(smallDifference, largeDifference, vector(8)), vector(0.5 * small)))
  }

  /// `G g`: three taps to their values at the points, divided by the interpolation's denominators.
  @inline(__always)
  static func filter(_ load: (Int) -> Vector, _ store: (Int, Vector) -> Void) {
    let (g0, g1, g2) = (load(0), load(1), load(2))
    store(0, g0)
    let smallEven = tt_multiply_add(g0 * vector(-2.0 / 3), g2, vector(-1.0 / 3))
    store(1, tt_multiply_add(smallEven, g1, vector(-large / 3)))
    store(2, tt_multiply_add(smallEven, g1, vector(large / 3)))
    let largeEven = tt_multiply_add(g0 * vector(1.0 / 6), g2, vector(1.0 / 3))
    store(3, tt_multiply_add(largeEven, g1, vector(large / 6)))
    store(4, tt_multiply_add(largeEven, g1, vector(-large / 6)))
    store(5, g2)
  }

  /// `A ∂y`, the transpose of ``output(_:_:)``: four output gradients to the gradients of the six products.
  @inline(__always)
  static func outputGradient(_ load: (Int) -> Vector, _ store: (Int, Vector) -> Void) {
    let (y0, y1, y2, y3) = (load(0), load(1), load(2), load(3))
    store(0, y0)
    let smallEven = tt_multiply_add(y0, y2, vector(0.5))
    let smallOdd = tt_multiply_add(y1, y3, vector(0.5))
    store(1, tt_multiply_add(smallEven, smallOdd, vector(small)))
    store(2, tt_multiply_add(smallEven, smallOdd, vector(-small)))
    let largeEven = tt_multiply_add(y0, y2, vector(2))
    let largeOdd = tt_multiply_add(y1, y3, vector(2))
    store(3, tt_multiply_add(largeEven, largeOdd, vector(large)))
    store(4, tt_multiply_add(largeEven, largeOdd, vector(-large)))
    store(5, y3)
  }

  /// `Gᵀ ∂u`, the transpose of ``filter(_:_:)``: gradients at the six points to those of the three taps.
  @inline(__always)
  static func filterGradient(_ load: (Int) -> Vector, _ store: (Int, Vector) -> Void) {
    let (u1, u2, u3, u4) = (load(1), load(2), load(3), load(4))
    let (smallSum, smallDifference) = (u1 + u2, u1 - u2)
    let (largeSum, largeDifference) = (u3 + u4, u3 - u4)
    store(0, tt_multiply_add(tt_multiply_add(load(0), smallSum, vector(-2.0 / 3)), largeSum, vector(1.0 / 6)))
    store(1, tt_multiply_add(smallDifference * vector(-large / 3), largeDifference, vector(large / 6)))
    store(2, tt_multiply_add(load(5), largeSum - smallSum, vector(1.0 / 3)))
  }
}
