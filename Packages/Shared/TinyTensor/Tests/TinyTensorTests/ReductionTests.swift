import Testing
import TinyTensor

@Suite struct ReductionTests {
  @Test(arguments: [1, 2, 15, 16, 17, 1000, 16_385, 200_003])
  func flatReductionsAgree(_ count: Int) {
    let x = sample([count])
    let y = sample([count], "y")
    let (a, b) = (x.scalars.map(Double.init), y.scalars.map(Double.init))
    let tolerance = 1e-6 * Double(count).squareRoot()
    #expect(abs(x.preciseSum() - a.reduce(0, +)) < tolerance)
    #expect(abs(Double(x.mean()) - a.reduce(0, +) / Double(count)) < 1e-6)
    #expect(abs(x.sumOfSquares() - a.reduce(0) { $0 + $1 * $1 }) < tolerance)
    #expect(abs(Double(x.dot(y)) - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-5 * (1 + tolerance))
    #expect(x.max() == x.scalars.max() && x.min() == x.scalars.min())
    expectThreadIndependence("reductions of \(count)") {
      [Tensor(shape: [4], [x.sum(), x.norm(), x.dot(y), x.max()])]
    }
  }

  @Test(arguments: [1, 3, 13, 16, 64, 100, 513], [1, 5, 8, 300, 2000])
  func columnAndRowSumsAgree(_ columns: Int, _ rows: Int) {
    let x = sample([rows, columns])
    let reference = ReferenceArray(x)
    var byColumn = ReferenceArray(zeros: [columns])
    var byRow = ReferenceArray(zeros: [rows])
    for row in 0..<rows {
      for column in 0..<columns {
        byColumn[column] += reference[row, column]
        byRow[row] += reference[row, column]
      }
    }
    agrees(columnSums(x), byColumn, reduction: rows, "column sums \(rows)×\(columns)")
    agrees(rowSums(x), byRow, reduction: columns, "row sums \(rows)×\(columns)")
    expectThreadIndependence("column sums \(rows)×\(columns)") { [columnSums(x)] }
  }

  @Test func emptyTensorsHaveNeutralSums() {
    let empty = Tensor(zeros: [0, 3])
    #expect(empty.sum() == 0 && empty.max() == -.infinity && empty.isFinite)
    #expect(columnSums(empty).scalars == [0, 0, 0])
    #expect(empty.argmaxRows().isEmpty)
  }

  @Test func nonFiniteElementsAreFound() {
    for bad in [Float.nan, .infinity, -.infinity] {
      for position in [0, 17, 99_999] {
        var x = Tensor(zeros: [100_000])
        #expect(x.isFinite)
        x[position] = bad
        #expect(!x.isFinite)
      }
    }
  }

  @Test func theFirstMaximumWins() {
    let x = Tensor(shape: [3, 4], [1, 5, 5, 2, -1, -1, -1, -1, 0, 1, 2, 3])
    #expect(x.argmaxRows() == [1, 0, 3])
  }
}
