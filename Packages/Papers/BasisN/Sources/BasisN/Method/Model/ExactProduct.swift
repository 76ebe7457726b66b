import TinyTensor

/// Exact integer arithmetic on the basis combination: `y = Σ_s α_s · (E_s·u_s)` with integer kernels `E = Σ q·β`.
///
/// The inner products run as Float32 matrix products, which are exact while every partial sum stays below 2²⁴. That is proved
/// per slice from the kernels; kernels that are too large are split into base-16 digits, each of which is small enough. A sum
/// beyond 2²⁴ is rounded to Float32 when its digits are put together.
public struct ExactProduct: WindowProduct {
  /// One slice of one group.
  private struct Slice: Sendable {
    let rows: Range<Int>
    /// Digits of the integer kernels, least significant first, each `[rows, kernels]`.
    let digits: [Tensor]
    let scales: [Float]
    /// What the zero point adds to every inner product.
    let offsets: [Float]

    init(rows: Range<Int>, integers: [[Int32]], scales: [Float], input: InputQuantizer) {
      self.rows = rows
      self.scales = scales
      digits = ExactProduct.digits(integers, rows: rows.count, maximumInput: input.maximum)
      offsets = integers.map { Float(input.zeroPoint * $0.reduce(0) { $0 + Int($1) }) }
    }
  }

  /// Largest integer up to which Float32 counts without gaps.
  static let exactLimit = 1 << 24
  /// Base of the digits that large kernels are split into.
  static let digitBase = 16

  private let slices: [[Slice]]
  private let kernels: Int

  /// Prepares the kernels of a layer.
  public init(_ layer: EncodedLayer, basis: BasisSet) {
    let kernels = layer.shape.kernelsPerGroup
    self.kernels = kernels
    slices = (0..<layer.shape.groups).map { group in
      (0..<layer.slicing.count).map { position in
        let numbers = (group * kernels..<(group + 1) * kernels).map { layer.slice(kernel: $0, position: position) }
        let rows = layer.slicing.range(position)
        return Slice(
          rows: rows, integers: numbers.map { Array(layer.integerKernel($0, basis: basis).prefix(rows.count)) },
          scales: numbers.map { layer.scales[$0] }, input: layer.input)
      }
    }
  }

  /// Prepares whole integer kernels, one slice each.
  init(kernels all: [[Int32]], scales: [Float], groups: Int, input: InputQuantizer) {
    let kernels = all.count / groups
    self.kernels = kernels
    slices = (0..<groups).map { group in
      let range = group * kernels..<(group + 1) * kernels
      let rows = 0..<(all.first?.count ?? 0)
      return [Slice(rows: rows, integers: Array(all[range]), scales: Array(scales[range]), input: input)]
    }
  }

  /// Digit planes whose inner products with inputs up to `maximumInput` are exact in Float32.
  static func digits(_ kernels: [[Int32]], rows: Int, maximumInput: Int) -> [Tensor] {
    func plane(_ kernels: [[Int32]], _ digit: (Int32) -> Int32) -> Tensor {
      var tensor = Tensor(zeros: [rows, kernels.count])
      tensor.withUnsafeMutableBufferPointer { target in
        for (column, kernel) in kernels.enumerated() {
          for (row, value) in kernel.enumerated() { target[row * kernels.count + column] = Float(digit(value)) }
        }
      }
      return tensor
    }
    func lowDigit(_ value: Int32) -> Int32 {
      let half = Int32(digitBase / 2)
      return ((value + half) & Int32(digitBase - 1)) - half
    }
    let worst = kernels.map { $0.reduce(0) { $0 + abs(Int($1)) } }.max() ?? 0
    guard worst * maximumInput >= exactLimit else { return [plane(kernels) { $0 }] }
    var rest = kernels
    var planes: [Tensor] = []
    while rest.contains(where: { $0.contains { $0 != 0 } }) {
      planes.append(plane(rest, lowDigit))
      rest = rest.map { $0.map { ($0 - lowDigit($0)) / Int32(digitBase) } }
    }
    return planes
  }

  public func product(_ windows: Tensor, group: Int, keys: [UInt64]) -> Tensor {
    let rows = windows.shape[0]
    var result = Tensor(zeros: [rows, kernels])
    for slice in slices[group] {
      let planes = slice.digits.map { SliceKernel.product(windows, columns: slice.rows, $0) }
      var sum = planes[0]
      var weight: Float = 1
      for plane in planes.dropFirst() {
        weight *= Float(Self.digitBase)
        sum.add(plane, scaledBy: weight)
      }
      SliceKernel.accumulate(sum, offsets: slice.offsets, scales: slice.scales, into: &result)
    }
    return result
  }
}
