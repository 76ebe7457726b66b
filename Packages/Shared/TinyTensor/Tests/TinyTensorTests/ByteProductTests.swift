import Testing
import TinyTensor

@Suite struct ByteProductTests {
  /// Reproducible bytes over the whole range.
  static func bytes(_ rows: Int, _ columns: Int, _ name: String) -> RowMajorMatrix<Int8> {
    var generator = Philox(seed: 1, stream: "test.bytes.\(name).\(rows).\(columns)")
    return RowMajorMatrix(
      rows: rows, columns: columns,
      (0..<rows * columns).map { _ in Int8(truncatingIfNeeded: generator.next(below: 256)) })
  }

  static func reference(
    _ a: RowMajorMatrix<Int8>, _ b: RowMajorMatrix<Int8>, _ transposeA: Bool, _ transposeB: Bool
  ) -> RowMajorMatrix<Int32> {
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let n = transposeB ? b.rows : b.columns
    var c = RowMajorMatrix(rows: m, columns: n, [Int32](repeating: 0, count: m * n))
    for i in 0..<m {
      for j in 0..<n {
        var sum: Int32 = 0
        for l in 0..<k { sum += Int32(transposeA ? a[l, i] : a[i, l]) * Int32(transposeB ? b[j, l] : b[l, j]) }
        c[i, j] = sum
      }
    }
    return c
  }

  @Test(arguments: MatrixProductTests.sizes, [0, 1, 2, 3]) func allTransposedFormsAgree(_ size: [Int], _ form: Int) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (transposeA, transposeB) = (form & 1 == 1, form & 2 == 2)
    let a = transposeA ? Self.bytes(k, m, "a") : Self.bytes(m, k, "a")
    let b = transposeB ? Self.bytes(n, k, "b") : Self.bytes(k, n, "b")
    let expected = Self.reference(a, b, transposeA, transposeB)
    for threads in [1, 2, 3] {
      Threads.withCount(threads) {
        #expect(
          matmul(a, b, transposeA: transposeA, transposeB: transposeB) == expected,
          "\(size) form \(form), \(threads) threads")
      }
    }
  }

  /// The products of the extremes, which 16-bit intermediate sums would saturate at.
  @Test(arguments: [Int8.min, -127, 127], [Int8.min, -127, 127])
  func extremesAreExact(_ left: Int8, _ right: Int8) {
    for depth in [1, 2, 3, 4, 7, 640, 1285] {
      let a = RowMajorMatrix(rows: 7, columns: depth, [Int8](repeating: left, count: 7 * depth))
      let b = RowMajorMatrix(rows: depth, columns: 17, [Int8](repeating: right, count: 17 * depth))
      let expected = Int32(left) * Int32(right) * Int32(depth)
      #expect(matmul(a, b).elements.allSatisfy { $0 == expected }, "\(left) · \(right), depth \(depth)")
    }
  }

  @Test func theGreatestDepthThatCannotOverflowIsExact() {
    let depth = 131_071
    let lowest = [Int8](repeating: .min, count: depth)
    let product = matmul(
      RowMajorMatrix(rows: 1, columns: depth, lowest), RowMajorMatrix(rows: depth, columns: 1, lowest))
    #expect(product.elements == [Int32.max - 16_383])
  }

  @Test(arguments: MatrixProductTests.sizes) func accumulateAndStridesLeaveTheRestAlone(_ size: [Int]) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (a, b) = (Self.bytes(m, 2 * k + 1, "a"), Self.bytes(k, n + 3, "b"))
    let width = n + 5
    let start = (0..<m * width).map { Int32($0 % 1000 - 500) }
    var result = start
    result.withUnsafeMutableBufferPointer { c in
      a.elements.withUnsafeBufferPointer { x in
        b.elements.withUnsafeBufferPointer { y in
          guard let c = c.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          gemm(
            m: m, n: n, k: k, a: x, rowStrideA: 2 * k + 1, columnStrideA: 2, b: y, rowStrideB: n + 3, columnStrideB: 1,
            c: c, rowStrideC: width, accumulate: true)
        }
      }
    }
    var expected = start
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k { expected[i * width + j] += Int32(a[i, 2 * l]) * Int32(b[l, j]) }
      }
    }
    #expect(result == expected, "accumulate \(size)")
  }

  @Test func quantizingRoundsTiesToEvenAndClamps() {
    let x = Tensor(shape: [2, 4], [0.25, 0.75, -0.75, 1e9, -1e9, .nan, .infinity, 63.2])
    let codes = RowMajorMatrix<Int8>(quantizing: x, scale: 0.5)
    #expect(codes.rows == 2 && codes.columns == 4)
    #expect(codes.elements == [0, 2, -2, 127, -128, 0, 127, 126])
  }
}
