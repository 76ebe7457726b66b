import Testing
import TinyTensor

@Suite struct MatrixProductTests {
  /// m, n, k: tile edges, single rows and columns, more than one block of depth, rows and columns.
  static let sizes: [[Int]] = [
    [1, 1, 1], [6, 16, 8], [5, 15, 7], [7, 17, 9], [1, 100, 50], [100, 1, 50], [13, 27, 53], [12, 32, 256],
    [3, 5, 300],
    [150, 40, 30], [289, 33, 17], [64, 64, 600], [12, 3100, 9], [2, 3, 0], [0, 3, 2], [61, 127, 257],
  ]

  static func reference(_ a: Tensor, _ b: Tensor, _ transposeA: Bool, _ transposeB: Bool) -> ReferenceArray {
    let (x, y) = (ReferenceArray(a), ReferenceArray(b))
    let (m, k) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let n = transposeB ? b.shape[0] : b.shape[1]
    var c = ReferenceArray(zeros: [m, n])
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k { c[i, j] += (transposeA ? x[l, i] : x[i, l]) * (transposeB ? y[j, l] : y[l, j]) }
      }
    }
    return c
  }

  @Test(arguments: sizes, [0, 1, 2, 3]) func allTransposedFormsAgree(_ size: [Int], _ form: Int) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (transposeA, transposeB) = (form & 1 == 1, form & 2 == 2)
    let a = sample(transposeA ? [k, m] : [m, k], "a")
    let b = sample(transposeB ? [n, k] : [k, n], "b")
    let product = matmul(a, b, transposeA: transposeA, transposeB: transposeB)
    agrees(product, Self.reference(a, b, transposeA, transposeB), reduction: k, "\(size) form \(form)")
    expectThreadIndependence("\(size) form \(form)") {
      [matmul(a, b, transposeA: transposeA, transposeB: transposeB)]
    }
  }

  @Test(arguments: sizes) func accumulateAndStridesLeaveTheRestAlone(_ size: [Int]) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (a, b) = (sample([m, 2 * k + 1], "a"), sample([k, n + 3], "b"))
    let start = sample([m, n + 5], "c")
    var result = start
    result.withUnsafeMutableBufferPointer { c in
      a.withUnsafeBufferPointer { x in
        b.withUnsafeBufferPointer { y in
          guard let c = c.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          gemm(
            m: m, n: n, k: k, a: x, rowStrideA: 2 * k + 1, columnStrideA: 2, b: y, rowStrideB: n + 3, columnStrideB: 1,
            c: c, rowStrideC: n + 5, accumulate: true)
        }
      }
    }
    let (x, y) = (ReferenceArray(a), ReferenceArray(b))
    var expected = ReferenceArray(start)
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k { expected[i, j] += x[i, 2 * l] * y[l, j] }
      }
    }
    agrees(result, expected, reduction: k, "accumulate \(size)")
  }

  @Test func identityIsExact() {
    let n = 37
    var identity = Tensor(zeros: [n, n])
    for i in 0..<n { identity[i, i] = 1 }
    let a = sample([n, n], "a")
    #expect(matmul(a, identity) == a)
    #expect(matmul(identity, a, transposeB: true) == a.transposed)
  }
}
