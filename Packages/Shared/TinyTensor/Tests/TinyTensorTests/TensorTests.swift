import Testing
import TinyTensor

@Suite struct TensorTests {
  @Test func copiesAreIndependent() {
    let a = sample([3, 4])
    var b = a
    b[1, 2] = 42
    #expect(a[1, 2] != 42 && b[1, 2] == 42)
    #expect(a != b)
    b[1, 2] = a[1, 2]
    #expect(a == b)
  }

  @Test func shapesAndScalars() {
    let a = Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    #expect(a.rank == 2 && a.count == 6 && a[1, 0] == 4)
    #expect(a.reshaped([3, -1]).shape == [3, 2])
    #expect(a.reshaped([6]).scalars == a.scalars)
    #expect(Tensor(scalar: 7).item == 7 && Tensor(scalar: 7).rank == 0)
    #expect(Tensor(zeros: [0, 3]).count == 0)
    #expect(Tensor(repeating: 2, shape: [2]).scalars == [2, 2])
    #expect(a.description.contains("[2, 3]"))
  }

  @Test func slicesRowsAndColumns() {
    let a = sample([5, 3, 7])
    let rows = a.slice(1..<4)
    #expect(rows.shape == [3, 3, 7] && rows.scalars == Array(a.scalars[21..<84]))
    let columns = a.lastDimensionSlice(2..<6)
    #expect(columns.shape == [5, 3, 4] && columns[4, 2, 3] == a[4, 2, 5])
    #expect(Tensor.concatenatedFirst([a.slice(0..<1), a.slice(1..<5)]) == a)
    #expect(Tensor.concatenatedLast([a.lastDimensionSlice(0..<3), a.lastDimensionSlice(3..<7)]) == a)
    #expect(a.gatheredRows([3, 3, 0]) == .concatenatedFirst([a.slice(3..<4), a.slice(3..<4), a.slice(0..<1)]))
    #expect(a.slice(2..<2).count == 0)
  }

  @Test(arguments: [[0, 1, 2, 3], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 3, 2], [0, 2, 3, 1]])
  func permutationsMoveEveryElement(_ axes: [Int]) {
    let a = sample([3, 35, 4, 33])
    let p = a.permuted(axes)
    let (source, result) = (ReferenceArray(a), ReferenceArray(p))
    #expect(p.shape == axes.map { a.shape[$0] })
    for index in stride(from: 0, to: a.count, by: 7) {
      var rest = index
      var position = [0, 0, 0, 0]
      for axis in [3, 2, 1, 0] {
        position[axis] = rest % a.shape[axis]
        rest /= a.shape[axis]
      }
      #expect(result.values[result.offset(axes.map { position[$0] })] == source.values[index])
    }
  }

  @Test(arguments: [1, 2, 13, 16, 27, 53, 100])
  func operatorsBroadcastOverTheLastDimension(_ width: Int) {
    let a = sample([9, 11, width], "a")
    let b = sample([9, 11, width], "b") + 3
    let row = sample([width], "row") + 3
    let (x, y, r) = (a.scalars, b.scalars, row.scalars)
    #expect((a + b).scalars == zip(x, y).map { $0 + $1 })
    #expect((a - b).scalars == zip(x, y).map { $0 - $1 })
    #expect((a * b).scalars == zip(x, y).map { $0 * $1 })
    #expect((a / b).scalars == zip(x, y).map { $0 / $1 })
    #expect((a + row).scalars == x.indices.map { x[$0] + r[$0 % width] })
    #expect((row - a).scalars == x.indices.map { r[$0 % width] - x[$0] })
    #expect((a / row).scalars == x.indices.map { x[$0] / r[$0 % width] })
    #expect((a * 3 - 1).scalars == x.map { $0 * 3 - 1 })
    #expect((2 / b).scalars == y.map { 2 / $0 })
    #expect((-a).scalars == x.map { -$0 })
    #expect((a * Tensor(scalar: 2)).scalars == x.map { $0 * 2 })
    #expect(a.map { $0 * $0 }.scalars == x.map { $0 * $0 })
    #expect(a.zipMap(b) { $0 - 2 * $1 }.scalars == zip(x, y).map { $0 - 2 * $1 })
    #expect(a.combined(with: row) { Swift.max($0, $1) }.scalars == x.indices.map { Swift.max(x[$0], r[$0 % width]) })
    #expect(a.zipLanes(b, b) { $0 + $1 * $2 }.scalars == zip(x, y).map { $0 + $1 * $1 })
  }

  @Test func inPlaceOperations() {
    var a = sample([101], "a")
    let b = sample([101], "b")
    let (x, y) = (a.scalars, b.scalars)
    let before = a
    a.add(b, scaledBy: 0.5)
    #expect(a.scalars == zip(x, y).map { $0 + 0.5 * $1 })
    #expect(before.scalars == x)
    a = before
    a.scale(by: 4)
    #expect(a.scalars == x.map { $0 * 4 })
    a += b
    #expect(a.scalars == zip(x, y).map { $0 * 4 + $1 })
  }

  @Test func reluAndItsGradient() {
    let a = Tensor(shape: [5], [-1, 0, 2, -0.0, .nan])
    let y = relu(a)
    #expect(Array(y.scalars.prefix(4)) == [0, 0, 2, 0] && y.scalars[4].isNaN)
    #expect(Array(reluGradient(Tensor(repeating: 3, shape: [5]), output: y).scalars) == [0, 0, 3, 0, 0])
  }
}
