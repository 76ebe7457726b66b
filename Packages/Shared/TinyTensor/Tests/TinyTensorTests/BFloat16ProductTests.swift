import Testing
import TinyTensor

@Suite struct BFloat16ProductTests {
  /// The numbers that a matrix really holds.
  static func values(_ matrix: RowMajorMatrix<BFloat16>) -> Tensor {
    Tensor(shape: [matrix.rows, matrix.columns], matrix.elements.map { Float($0) })
  }

  /// Products of bfloat16 numbers are exact in float, so the sum alone rounds: the tolerance is that of the float product.
  @Test(arguments: MatrixProductTests.sizes, [0, 1, 2, 3]) func allTransposedFormsAgree(_ size: [Int], _ form: Int) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (transposeA, transposeB) = (form & 1 == 1, form & 2 == 2)
    let a = RowMajorMatrix<BFloat16>(sample(transposeA ? [k, m] : [m, k], "a"))
    let b = RowMajorMatrix<BFloat16>(sample(transposeB ? [n, k] : [k, n], "b"))
    let expected = MatrixProductTests.reference(Self.values(a), Self.values(b), transposeA, transposeB)
    agrees(
      matmul(a, b, transposeA: transposeA, transposeB: transposeB), expected, reduction: k, "\(size) form \(form)")
    expectThreadIndependence("\(size) form \(form)") {
      [matmul(a, b, transposeA: transposeA, transposeB: transposeB)]
    }
  }

  @Test func accumulateAndStridesLeaveTheRestAlone() {
    let (m, n, k) = (13, 27, 53)
    let a = RowMajorMatrix<BFloat16>(sample([m, 2 * k], "a"))
    let b = RowMajorMatrix<BFloat16>(sample([k, n + 3], "b"))
    let start = sample([m, n + 5], "c")
    var result = start
    result.withUnsafeMutableBufferPointer { c in
      a.elements.withUnsafeBufferPointer { x in
        b.elements.withUnsafeBufferPointer { y in
          guard let c = c.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          gemm(
            m: m, n: n, k: k, a: x, rowStrideA: 2 * k, columnStrideA: 2, b: y, rowStrideB: n + 3, columnStrideB: 1,
            c: c, rowStrideC: n + 5, accumulate: true)
        }
      }
    }
    let (x, y) = (ReferenceArray(Self.values(a)), ReferenceArray(Self.values(b)))
    var expected = ReferenceArray(start)
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k { expected[i, j] += x[i, 2 * l] * y[l, j] }
      }
    }
    agrees(result, expected, reduction: k, "accumulate")
  }

  @Test func notANumberAndInfinitySpread() {
    let a = RowMajorMatrix<BFloat16>(Tensor(shape: [2, 3], [.nan, 1, 2, .infinity, 1, 2]))
    let product = matmul(a, RowMajorMatrix<BFloat16>(Tensor(repeating: 1, shape: [3, 2])))
    #expect(product[0, 0].isNaN && product[0, 1].isNaN && product[1, 0] == .infinity)
  }

  @Test func numbersRoundToNearest() {
    #expect(Float(BFloat16(1 + 0x1p-8)) == 1 && Float(BFloat16(1 + 3 * 0x1p-8)) == 1 + 0x1p-6)
    #expect(BFloat16(-2.5).bitPattern == 0xc020 && Float(BFloat16(.nan)).isNaN)
  }
}
