import Testing
import TinyNN
import TinyTensor

@Suite struct ArithmeticTests {
  /// Shapes of the operands: equal, row and single element, on either side.
  static let shapes: [([Int], [Int])] = [
    ([2, 3], [2, 3]), ([4, 5, 3], [3]), ([3], [4, 5, 3]), ([2, 3], [1]), ([], [2, 3]), ([1], [1]), ([5, 1], [1]),
  ]

  @Test(arguments: shapes) func broadcastingOperators(_ first: [Int], _ second: [Int]) {
    let a = sample(first, "a")
    let b = sample(second, in: 0.5...2, "b")
    let count = max(a.count, b.count)
    func pairs(_ x: [[Double]]) -> [(Double, Double)] {
      (0..<count).map { (x[0][$0 % a.count], x[1][$0 % b.count]) }
    }
    expectAgreement([a, b]) {
      $0[0] + $0[1]
    } reference: {
      pairs($0).map { $0 + $1 }
    }
    expectAgreement([a, b]) {
      $0[0] - $0[1]
    } reference: {
      pairs($0).map { $0 - $1 }
    }
    expectAgreement([a, b]) {
      $0[0] * $0[1]
    } reference: {
      pairs($0).map { $0 * $1 }
    }
    expectAgreement([a, b]) {
      $0[0] / $0[1]
    } reference: {
      pairs($0).map { $0 / $1 }
    }
  }

  @Test func reductions() {
    let x = sample([3, 4, 5])
    expectAgreement([x]) {
      $0[0].sum()
    } reference: {
      [$0[0].reduce(0, +)]
    }
    expectAgreement([x]) {
      $0[0].mean()
    } reference: {
      [$0[0].reduce(0, +) / 60]
    }
    expectAgreement([x]) {
      $0[0].rowSums()
    } reference: { x in
      (0..<12).map { (row: Int) -> Double in x[0][row * 5..<row * 5 + 5].reduce(0, +) }
    }
    expectAgreement([x]) {
      $0[0].columnSums()
    } reference: { x in
      (0..<5).map { column in stride(from: column, to: 60, by: 5).map { x[0][$0] }.reduce(0, +) }
    }
  }

  @Test func reshapingAndPermuting() {
    let x = sample([2, 3, 4])
    expectAgreement([x]) {
      $0[0].reshaped([4, -1])
    } reference: {
      $0[0]
    }
    expectAgreement([x]) {
      $0[0].permuted([2, 0, 1])
    } reference: { x in
      var result: [Double] = []
      for c in 0..<4 { for row in 0..<6 { result.append(x[0][row * 4 + c]) } }
      return result
    }
    expectAgreement([sample([3, 5])]) {
      $0[0].transposed
    } reference: { x in
      (0..<15).map { (index: Int) -> Double in x[0][index % 3 * 5 + index / 3] }
    }
  }

  @Test func slicing() {
    let x = sample([5, 2, 3])
    expectAgreement([x]) {
      $0[0].slice(1..<4)
    } reference: {
      Array($0[0][6..<24])
    }
    expectAgreement([x]) {
      $0[0].slice(0..<0)
    } reference: { _ in
      []
    }
    expectAgreement([x]) {
      $0[0].lastDimensionSlice(1..<3)
    } reference: { x in
      (0..<10).flatMap { (row: Int) -> [Double] in [x[0][row * 3 + 1], x[0][row * 3 + 2]] }
    }
  }

  @Test func concatenation() {
    let parts = [sample([2, 3, 1], "a"), sample([2, 3, 4], "b"), sample([2, 3, 2], "c")]
    expectAgreement(parts) {
      concat($0)
    } reference: { x in
      var result: [Double] = []
      for row in 0..<6 {
        result.append(x[0][row])
        result += x[1][row * 4..<row * 4 + 4]
        result += x[2][row * 2..<row * 2 + 2]
      }
      return result
    }
    expectAgreement([sample([1, 3], "a"), sample([2, 3], "b")]) {
      concatFirst($0)
    } reference: {
      $0[0] + $0[1]
    }
  }

  @Test func flattenUsesPyTorchOrder() {
    let x = sample([2, 3, 4, 5])
    expectAgreement([x]) {
      flatten($0[0])
    } reference: { x in
      var result: [Double] = []
      for image in 0..<2 {
        for channel in 0..<5 {
          for pixel in 0..<12 { result.append(x[0][(image * 12 + pixel) * 5 + channel]) }
        }
      }
      return result
    }
    let pixels = Variable(sample([3, 1, 1, 7]))
    #expect(flatten(pixels).shape == [3, 7] && flatten(pixels).value.scalars == pixels.value.scalars)
    #expect(flatten(flatten(pixels)).shape == [3, 7])
  }

  @Test(arguments: [([2, 4, 4, 3], 2), ([1, 5, 3, 2], 2), ([2, 1, 1, 1], 2), ([1, 4, 4, 2], 1)])
  func padShortcutIsOptionA(_ shape: [Int], _ stride: Int) {
    let (before, after) = (1, 2)
    let images = ReferenceImages(shape)
    expectAgreement([sample(shape)]) {
      padShortcut($0[0], stride: stride, before: before, after: after)
    } reference: { x in
      var result: [Double] = []
      for image in 0..<images.batch {
        for row in Swift.stride(from: 0, to: images.height, by: stride) {
          for column in Swift.stride(from: 0, to: images.width, by: stride) {
            result += [Double](repeating: 0, count: before)
            result += (0..<images.channels).map { x[0][images.index(image, row, column, $0)] }
            result += [Double](repeating: 0, count: after)
          }
        }
      }
      return result
    }
  }

  @Test func embeddingAddsUpRepeatedRows() {
    let ids = [3, 0, 3, 1, 3]
    expectAgreement([sample([4, 3])]) {
      embedding($0[0], ids)
    } reference: { x in
      ids.flatMap { x[0][$0 * 3..<$0 * 3 + 3] }
    }
    #expect(embedding(Variable(sample([4, 3])), []).shape == [0, 3])
  }
}
