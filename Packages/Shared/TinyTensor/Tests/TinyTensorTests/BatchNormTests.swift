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

  /// The activation and its derivative in Double.
  static func reference(_ activation: FusedActivation, _ x: Double) -> (value: Double, derivative: Double) {
    switch activation {
    case .identity: (x, 1)
    case .relu: (max(x, 0), x > 0 ? 1 : 0)
    case .gelu: GELUTests.reference(x)
    }
  }

  @Test(arguments: shapes, FusedActivation.allCases)
  func applyAgrees(_ shape: [Int], _ activation: FusedActivation) {
    let channels = shape[shape.count - 1]
    let (x, residual) = (sample(shape), sample(shape, "residual"))
    let mean = sample([channels], "mean")
    let inverse = sample([channels], "inverse") + 2
    let (weight, bias) = (sample([channels], "weight"), sample([channels], "bias"))
    var plain = ReferenceArray(x)
    var fused = plain
    let (m, s, w, b, added) = (mean.scalars, inverse.scalars, weight.scalars, bias.scalars, residual.scalars)
    for index in plain.values.indices {
      let c = index % channels
      let value = (plain.values[index] - Double(m[c])) * Double(s[c]) * Double(w[c]) + Double(b[c])
      plain.values[index] = Self.reference(activation, value).value
      fused.values[index] = Self.reference(activation, value + Double(added[index])).value
    }
    let run = { (residual: Tensor?) in
      batchNormApply(
        x, mean: mean, inverseStandardDeviation: inverse, weight: weight, bias: bias, activation: activation,
        adding: residual)
    }
    agrees(run(nil), plain, "apply \(shape)")
    agrees(run(residual), fused, "apply to a sum \(shape)")
  }

  @Test(arguments: shapes, FusedActivation.allCases)
  func gradientAgreesWithTheFormula(_ shape: [Int], _ activation: FusedActivation) {
    let channels = shape[shape.count - 1]
    let rows = shape.reduce(1, *) / channels
    let (x, dy, residual) = (sample(shape), sample(shape, "dy"), sample(shape, "residual"))
    let (mean, variance) = batchNormStatistics(x)
    let inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
    let weight = sample([channels], "weight") + 2
    let bias = sample([channels], "bias")
    for (added, isTraining) in [(residual, true), (nil, true), (residual, false), (nil, false)] {
      let run = { () -> [Tensor] in
        var gradient = dy
        let rest = batchNormGradient(
          &gradient, x: x, mean: mean, inverseStandardDeviation: inverse, weight: weight, bias: bias,
          activation: activation, adding: added, isTraining: isTraining)
        return [gradient, rest.weight, rest.bias] + (rest.residual.map { [$0] } ?? [])
      }
      let note = "\(shape), residual \(added != nil), training \(isTraining)"
      let result = run()
      expectThreadIndependence("gradient \(note)", run)

      var (sum, product) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
      let (input, gradient, extra) = (x.scalars, dy.scalars, added?.scalars)
      let (m, s, w, b) = (mean.scalars, inverse.scalars, weight.scalars, bias.scalars)
      var (before, normalized) = (ReferenceArray(zeros: shape), ReferenceArray(zeros: shape))
      for index in input.indices {
        let c = index % channels
        normalized.values[index] = (Double(input[index]) - Double(m[c])) * Double(s[c])
        let value = normalized.values[index] * Double(w[c]) + Double(b[c]) + Double(extra?[index] ?? 0)
        before.values[index] = Double(gradient[index]) * Self.reference(activation, value).derivative
        sum[c] += before.values[index]
        product[c] += before.values[index] * normalized.values[index]
      }
      var dx = ReferenceArray(zeros: shape)
      for index in input.indices {
        let c = index % channels
        let centred =
          before.values[index]
          - (isTraining ? sum[c] / Double(rows) + normalized.values[index] * product[c] / Double(rows) : 0)
        dx.values[index] = Double(w[c]) * Double(s[c]) * centred
      }
      agrees(result[0], dx, reduction: rows, "dx \(note)")
      agrees(result[1], ReferenceArray(shape: [channels], values: product), reduction: rows, "dweight \(note)")
      agrees(result[2], ReferenceArray(shape: [channels], values: sum), reduction: rows, "dbias \(note)")
      #expect((result.count == 4) == (added != nil))
      if result.count == 4 { agrees(result[3], before, "dresidual \(note)") }
    }
  }

  /// Nobody else sees the gradient change under them.
  @Test func sharedGradientsAreCopied() {
    let (x, dy) = (sample([6, 5]), sample([6, 5], "dy"))
    let (mean, variance) = batchNormStatistics(x)
    var gradient = dy
    _ = batchNormGradient(&gradient, x: x, mean: mean, inverseStandardDeviation: variance, activation: .relu)
    #expect(dy == sample([6, 5], "dy") && gradient != dy)
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
    var result = dy
    _ = batchNormGradient(&result, x: x, mean: mean, inverseStandardDeviation: inverse)
    let gradient = result.scalars
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
