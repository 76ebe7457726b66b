import Testing
import TinyTensor

@Suite struct PoolingTests {
  /// batch, height, width, channels, kernel, stride, padding.
  static let table: [[Int]] = [
    [2, 8, 8, 16, 2, 2, 0], [2, 7, 9, 13, 2, 2, 0], [1, 9, 8, 27, 3, 2, 1], [3, 5, 5, 5, 3, 1, 1],
    [1, 4, 4, 1, 4, 4, 0],
    [2, 6, 7, 33, 3, 3, 0], [1, 1, 1, 3, 1, 1, 0], [2, 11, 10, 8, 5, 2, 2], [0, 4, 4, 8, 2, 2, 0],
    [1, 8, 8, 64, 2, 1, 1],
  ]

  /// Calls `body(output position, [input positions under the window])`, channels included in the position.
  static func eachWindow(_ row: [Int], _ body: (Int, [Int]) -> Void) -> [Int] {
    let (n, h, w, c, k, s, p) = (row[0], row[1], row[2], row[3], row[4], row[5], row[6])
    let (oh, ow) = ((h + 2 * p - k) / s + 1, (w + 2 * p - k) / s + 1)
    for image in 0..<n {
      for y in 0..<oh {
        for x in 0..<ow {
          for channel in 0..<c {
            var inputs: [Int] = []
            for i in max(0, y * s - p)..<min(h, y * s - p + k) {
              for j in max(0, x * s - p)..<min(w, x * s - p + k) {
                inputs.append(((image * h + i) * w + j) * c + channel)
              }
            }
            body(((image * oh + y) * ow + x) * c + channel, inputs)
          }
        }
      }
    }
    return [n, oh, ow, c]
  }

  @Test(arguments: table) func maximaAndTheirGradientAgree(_ row: [Int]) {
    // Rounded to few values, so that there are ties.
    let x = sample([row[0], row[1], row[2], row[3]]).map { ($0 * 3).rounded() }
    let input = x.scalars
    var expected: [Int: (Float, Int)] = [:]
    let shape = Self.eachWindow(row) { output, inputs in
      var best = inputs[0]
      for candidate in inputs where input[candidate] > input[best] { best = candidate }
      expected[output] = (input[best], best)
    }
    let (output, indices) = maxPool2d(x, kernel: row[4], stride: row[5], padding: row[6])
    #expect(output.shape == shape)
    #expect(maxPool2dOutput(x, kernel: row[4], stride: row[5], padding: row[6]) == output)
    #expect(output.scalars.enumerated().allSatisfy { expected[$0.offset]?.0 == $0.element })
    let imageSize = row[1] * row[2] * row[3]
    let chosen = indices.offsets.map(Int.init)
    let perImage = shape[1] * shape[2] * shape[3]
    #expect(chosen.enumerated().allSatisfy { expected[$0.offset]?.1 == $0.offset / perImage * imageSize + $0.element })

    let dy = sample(shape, "dy")
    var dx = ReferenceArray(zeros: x.shape)
    for (position, gradient) in dy.scalars.enumerated() { dx.values[expected[position]?.1 ?? 0] += Double(gradient) }
    agrees(maxPool2dGradient(dy, indices: indices), dx, "max gradient \(row)")
    expectThreadIndependence("max \(row)") { [maxPool2d(x, kernel: row[4], stride: row[5], padding: row[6]).output] }
  }

  @Test(arguments: table, [true, false]) func averagesAndTheirGradientAgree(_ row: [Int], _ countIncludePad: Bool) {
    let x = sample([row[0], row[1], row[2], row[3]])
    let input = x.scalars
    var values: [Int: Double] = [:]
    var windows: [Int: [Int]] = [:]
    let divisor = { (inputs: [Int]) in Double(countIncludePad ? row[4] * row[4] : inputs.count) }
    let shape = Self.eachWindow(row) { output, inputs in
      values[output] = inputs.reduce(0) { $0 + Double(input[$1]) } / divisor(inputs)
      windows[output] = inputs
    }
    var expected = ReferenceArray(zeros: shape)
    for (position, value) in values { expected.values[position] = value }
    agrees(
      avgPool2d(x, kernel: row[4], stride: row[5], padding: row[6], countIncludePad: countIncludePad), expected,
      "average \(row)")
    let dy = sample(shape, "dy")
    var dx = ReferenceArray(zeros: x.shape)
    for (position, gradient) in dy.scalars.enumerated() {
      let inputs = windows[position] ?? []
      for target in inputs { dx.values[target] += Double(gradient) / divisor(inputs) }
    }
    agrees(
      avgPool2dGradient(
        dy, inputShape: x.shape, kernel: row[4], stride: row[5], padding: row[6], countIncludePad: countIncludePad),
      dx, "average gradient \(row)")
  }

  @Test func firstOfEqualMaximaTakesTheGradient() {
    let (output, indices) = maxPool2d(Tensor(repeating: 1, shape: [1, 2, 2, 1]), kernel: 2, stride: 2)
    #expect(output.scalars == [1] && indices.offsets == [0])
    #expect(maxPool2dGradient(Tensor(repeating: 5, shape: [1, 1, 1, 1]), indices: indices).scalars == [5, 0, 0, 0])
  }

  @Test func notANumberSurvives() {
    let x = Tensor(shape: [1, 2, 2, 1], [1, .nan, 3, 2])
    #expect(maxPool2d(x, kernel: 2, stride: 2).output.item.isNaN)
    #expect(maxPool2dOutput(x, kernel: 2, stride: 2).item.isNaN)
  }

  @Test(arguments: [1, 13, 16, 50, 64]) func globalAverageAgrees(_ channels: Int) {
    let x = sample([3, 5, 7, channels])
    var expected = ReferenceArray(zeros: [3, channels])
    let dy = sample([3, channels], "dy")
    var dx = ReferenceArray(zeros: x.shape)
    for (index, value) in x.scalars.enumerated() {
      let target = index / (35 * channels) * channels + index % channels
      expected.values[target] += Double(value) / 35
      dx.values[index] = Double(dy.scalars[target]) / 35
    }
    agrees(globalAveragePool(x), expected)
    agrees(globalAveragePoolGradient(dy, inputShape: x.shape), dx)
  }
}
