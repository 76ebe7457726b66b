import Testing
import TinyTensor

@Suite struct BatchNormTests {
  static let shapes: [[Int]] = [
    [2, 1, 1, 1], [3, 5, 4, 1], [4, 7, 5, 13], [2, 8, 8, 16], [3, 3, 3, 27], [5, 2, 2, 53], [8, 9, 9, 64], [64, 100],
    [2, 3, 1, 513], [40, 32, 32, 3],
  ]

  /// Mean and biased variance in Double, by the definition.
  static func moments(_ x: ReferenceArray, channels: Int) -> (mean: [Double], variance: [Double]) {
    let rows = x.values.count / channels
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    for index in x.values.indices { mean[index % channels] += x.values[index] / Double(rows) }
    for index in x.values.indices {
      let difference = x.values[index] - mean[index % channels]
      variance[index % channels] += difference * difference / Double(rows)
    }
    return (mean, variance)
  }

  @Test(arguments: shapes, [Float(0), 1000])
  func statisticsAgree(_ shape: [Int], _ offset: Float) {
    let x = sample(shape) + offset
    let channels = shape[shape.count - 1]
    let expected = Self.moments(ReferenceArray(x), channels: channels)
    let (mean, variance) = batchNormStatistics(x)
    agrees(mean, ReferenceArray(shape: [channels], values: expected.mean), "mean \(shape)")
    agrees(variance, ReferenceArray(shape: [channels], values: expected.variance), "variance \(shape)")
    expectThreadIndependence("statistics \(shape)") {
      let (mean, variance) = batchNormStatistics(x)
      return [mean, variance]
    }
  }

  @Test func constantChannelsHaveNoVariance() {
    let (mean, variance) = batchNormStatistics(Tensor(repeating: 3.7, shape: [8, 5, 5, 6]))
    #expect(mean.scalars.allSatisfy { $0 == 3.7 })
    #expect(variance.scalars.allSatisfy { $0 == 0 })
  }

  @Test(arguments: shapes) func applyAgrees(_ shape: [Int]) {
    let channels = shape[shape.count - 1]
    let (x, residual) = (sample(shape), sample(shape, "residual"))
    let mean = sample([channels], "mean")
    let inverse = sample([channels], "inverse") + 2
    let (weight, bias) = (sample([channels], "weight"), sample([channels], "bias"))
    var expected = ReferenceArray(x)
    var fused = expected
    for index in expected.values.indices {
      let c = index % channels
      let normalized = (expected.values[index] - Double(mean[c])) * Double(inverse[c])
      expected.values[index] = normalized * Double(weight[c]) + Double(bias[c])
      fused.values[index] = max(0, expected.values[index] + Double(residual.scalars[index % residual.count]))
    }
    agrees(
      batchNormApply(x, mean: mean, inverseStandardDeviation: inverse, weight: weight, bias: bias), expected,
      "apply \(shape)")
    if x.count < 20_000 {
      agrees(
        batchNormApply(
          x, mean: mean, inverseStandardDeviation: inverse, weight: weight, bias: bias, relu: true, adding: residual),
        fused, "apply fused \(shape)")
    }
  }

  @Test(arguments: shapes, [false, true]) func gradientAgreesWithTheFormula(_ shape: [Int], _ useReLU: Bool) {
    let channels = shape[shape.count - 1]
    let rows = shape.reduce(1, *) / channels
    let (x, dy, output) = (sample(shape), sample(shape, "dy"), sample(shape, "output"))
    let (mean, variance) = batchNormStatistics(x)
    let inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
    let weight = sample([channels], "weight") + 2
    let result = batchNormGradient(
      dy, x: x, mean: mean, inverseStandardDeviation: inverse, weight: weight, reluOutput: useReLU ? output : nil)

    var (sum, product) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    let (input, gradient, mask) = (x.scalars, dy.scalars, output.scalars)
    let (m, s, w) = (mean.scalars, inverse.scalars, weight.scalars)
    let term = { (index: Int) -> (gradient: Double, normalized: Double) in
      let c = index % channels
      let passes = !useReLU || mask[index] > 0
      return (passes ? Double(gradient[index]) : 0, (Double(input[index]) - Double(m[c])) * Double(s[c]))
    }
    for index in input.indices {
      let (g, n) = term(index)
      sum[index % channels] += g
      product[index % channels] += g * n
    }
    var dx = ReferenceArray(zeros: shape)
    for index in input.indices {
      let (g, n) = term(index)
      let c = index % channels
      let centred = g - sum[c] / Double(rows) - n * product[c] / Double(rows)
      dx.values[index] = Double(w[c]) * Double(s[c]) * centred
    }
    agrees(result.input, dx, reduction: rows, "dx \(shape)")
    agrees(result.bias, ReferenceArray(shape: [channels], values: sum), reduction: rows, "dbias \(shape)")
    agrees(result.weight, ReferenceArray(shape: [channels], values: product), reduction: rows, "dweight \(shape)")
    expectThreadIndependence("gradient \(shape)") {
      let g = batchNormGradient(dy, x: x, mean: mean, inverseStandardDeviation: inverse, weight: weight)
      return [g.input, g.weight, g.bias]
    }
  }

  /// The formula above is itself checked against central differences of the Double forward pass.
  @Test func gradientAgreesWithDifferences() {
    let (rows, channels) = (7, 3)
    let (x, dy) = (sample([rows, channels]), sample([rows, channels], "dy"))
    let loss = { (values: [Double]) -> Double in
      let array = ReferenceArray(shape: [rows, channels], values: values)
      let (mean, variance) = Self.moments(array, channels: channels)
      return values.indices.reduce(0) { total, index in
        let c = index % channels
        return total + Double(dy.scalars[index]) * (values[index] - mean[c]) / (variance[c] + 1e-5).squareRoot()
      }
    }
    let (mean, variance) = batchNormStatistics(x)
    let inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
    let gradient = batchNormGradient(dy, x: x, mean: mean, inverseStandardDeviation: inverse).input.scalars
    let start = x.scalars.map(Double.init)
    for index in start.indices {
      let h = 1e-5
      var (up, down) = (start, start)
      up[index] += h
      down[index] -= h
      #expect(abs((loss(up) - loss(down)) / (2 * h) - Double(gradient[index])) < 1e-4)
    }
  }
}
