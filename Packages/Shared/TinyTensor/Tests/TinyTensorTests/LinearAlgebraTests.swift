import Foundation
import Testing
import TinyTensor

@Suite struct LinearAlgebraTests {
  private func matrix(_ rows: Int, _ columns: Int, _ name: String = "a") -> DoubleMatrix {
    DoubleMatrix(sample([rows, columns], name))
  }

  private func close(_ a: DoubleMatrix, _ b: DoubleMatrix, _ tolerance: Double = 1e-12) -> Bool {
    a.rows == b.rows && a.columns == b.columns && zip(a.values, b.values).allSatisfy { abs($0 - $1) < tolerance }
  }

  private func identity(_ n: Int) -> DoubleMatrix {
    var result = DoubleMatrix(zeros: n, n)
    for i in 0..<n { result[i, i] = 1 }
    return result
  }

  @Test(arguments: [[1, 1], [5, 5], [9, 4], [4, 9], [40, 33]]) func singularValuesRebuildTheMatrix(_ size: [Int]) throws
  {
    let a = matrix(size[0], size[1])
    var (u, s, vt) = try LinearAlgebra.svd(a)
    #expect(close(u.transposed * u, identity(s.count)) && close(vt * vt.transposed, identity(s.count)))
    #expect(zip(s, s.dropFirst()).allSatisfy { $0 >= $1 } && s.allSatisfy { $0 >= 0 })
    for row in 0..<u.rows {
      for column in 0..<u.columns { u[row, column] *= s[column] }
    }
    #expect(close(u * vt, a))
    let float = try LinearAlgebra.svd(a.tensor)
    #expect(float.s.shape == [s.count] && abs(Double(float.s[0]) - s[0]) < 1e-5)
  }

  @Test func symmetricEigenvaluesAreKnown() throws {
    let (values, vectors) = try LinearAlgebra.symmetricEigen(DoubleMatrix(rows: 2, columns: 2, [2, 1, 1, 2]))
    #expect(abs(values[0] - 1) < 1e-12 && abs(values[1] - 3) < 1e-12)
    #expect(close(vectors.transposed * vectors, identity(2)))
    let b = matrix(20, 20)
    let symmetric = b.transposed * b
    let (l, v) = try LinearAlgebra.symmetricEigen(symmetric)
    var scaled = v
    for row in 0..<20 {
      for column in 0..<20 { scaled[row, column] *= l[column] }
    }
    #expect(close(scaled * v.transposed, symmetric, 1e-10))
    #expect(try LinearAlgebra.symmetricEigen(symmetric.tensor).values.shape == [20])
  }

  @Test func eigenvaluesAloneAreTheSame() throws {
    let b = matrix(33, 20)
    let symmetric = b.transposed * b
    let both = try LinearAlgebra.symmetricEigen(symmetric).values
    let alone = try LinearAlgebra.symmetricEigenvalues(symmetric)
    #expect(zip(both, alone).allSatisfy { abs($0 - $1) < 1e-10 } && alone.count == 20)
    #expect(throws: LinearAlgebraError.notFinite(routine: "symmetricEigenvalues")) {
      try LinearAlgebra.symmetricEigenvalues(DoubleMatrix(rows: 1, columns: 1, [.nan]))
    }
  }

  @Test func definiteSystemsAreSolvedAndOthersRefused() throws {
    let b = matrix(12, 12)
    var a = b * b.transposed
    for i in 0..<12 { a[i, i] += 1 }
    let right = matrix(12, 5, "right")
    #expect(close(a * (try LinearAlgebra.solve(positiveDefinite: a, right)), right, 1e-10))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 2)) {
      try LinearAlgebra.solve(
        positiveDefinite: DoubleMatrix(rows: 2, columns: 2, [1, 2, 2, 1]), DoubleMatrix(zeros: 2, 1))
    }
  }

  @Test func choleskyRebuildsAndRefuses() throws {
    let b = matrix(12, 12)
    var a = b * b.transposed
    for i in 0..<12 { a[i, i] += 1 }
    let l = try LinearAlgebra.cholesky(a)
    #expect(close(l * l.transposed, a, 1e-11) && l[0, 5] == 0)
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 2)) {
      try LinearAlgebra.cholesky(DoubleMatrix(rows: 2, columns: 2, [1, 2, 2, 1]))
    }
    #expect(try LinearAlgebra.cholesky(a.tensor).shape == [12, 12])
  }

  @Test(arguments: [[6, 6], [10, 4], [4, 10]]) func orthogonalTriangular(_ size: [Int]) throws {
    let a = matrix(size[0], size[1])
    let (q, r) = try LinearAlgebra.qr(a)
    #expect(close(q * r, a) && close(q.transposed * q, identity(q.columns)))
    #expect(r.rows < 2 || r[1, 0] == 0)
    #expect(try LinearAlgebra.qr(a.tensor).q.shape == [size[0], min(size[0], size[1])])
  }

  @Test func linearSystems() throws {
    let (a, x) = (matrix(15, 15), matrix(15, 3, "x"))
    #expect(close(try LinearAlgebra.solve(a, a * x), x, 1e-9))
    #expect(try LinearAlgebra.solve(a.tensor, (a * x).tensor).shape == [15, 3])
    #expect(throws: LinearAlgebraError.self) {
      try LinearAlgebra.solve(DoubleMatrix(zeros: 3, 3), DoubleMatrix(zeros: 3, 1))
    }
  }

  /// OpenBLAS keeps large tables on the stack; the threads of Dispatch have half a megabyte.
  @Test func smallStacksSuffice() throws {
    let (a, x) = (matrix(150, 150), matrix(150, 2, "x"))
    let wanted = try LinearAlgebra.solve(a, a * x)
    nonisolated(unsafe) var solution: DoubleMatrix?
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      solution = try? LinearAlgebra.solve(a, a * x)
      done.signal()
    }
    thread.stackSize = 256 << 10
    thread.start()
    done.wait()
    #expect(solution == wanted)
  }

  @Test func notFiniteInputIsAnError() {
    let bad = DoubleMatrix(rows: 1, columns: 1, [.nan])
    #expect(throws: LinearAlgebraError.notFinite(routine: "svd")) { try LinearAlgebra.svd(bad) }
    #expect(throws: LinearAlgebraError.notFinite(routine: "qr")) { try LinearAlgebra.qr(bad) }
    #expect(throws: LinearAlgebraError.notFinite(routine: "symmetricEigen")) { try LinearAlgebra.symmetricEigen(bad) }
    #expect("\(LinearAlgebraError.notFinite(routine: "svd"))".contains("NaN"))
  }
}
