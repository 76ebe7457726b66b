import Testing
import TinyNN
import TinyTensor

/// Batch normalisation of flat rows in `Double`.
private func batchNormReference(
  _ x: [Double], channels: Int, weight: [Double], bias: [Double], statistics: (mean: [Double], variance: [Double])?,
  epsilon: Double
) -> [Double] {
  let rows = x.count / channels
  var result = x
  for channel in 0..<channels {
    let column = (0..<rows).map { x[$0 * channels + channel] }
    let mean = statistics?.mean[channel] ?? column.reduce(0, +) / Double(rows)
    let variance = statistics?.variance[channel] ?? column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
    for row in 0..<rows {
      result[row * channels + channel] =
        (column[row] - mean) / (variance + epsilon).squareRoot() * weight[channel] + bias[channel]
    }
  }
  return result
}

@Suite struct NormalizationTests {
  @Test(arguments: [[4, 3], [2, 3, 2, 5], [2, 1, 1, 9], [7, 1]], [true, false])
  func batchNormalization(_ shape: [Int], _ training: Bool) {
    let channels = shape[shape.count - 1]
    let tensors = [sample(shape), sample([channels], in: 0.5...1.5, "w"), sample([channels], "b")]
    let means = sample([channels], "m")
    let variances = sample([channels], in: 0.5...2, "v")
    expectAgreement(tensors, tolerance: 5e-5) { x in
      let state = BatchNormState(runningMean: Variable(means), runningVariance: Variable(variances))
      return batchNorm(x[0], weight: x[1], bias: x[2], statistics: state, training: training)
    } reference: { x in
      batchNormReference(
        x[0], channels: channels, weight: x[1], bias: x[2],
        statistics: training ? nil : (means.scalars.map(Double.init), variances.scalars.map(Double.init)),
        epsilon: 1e-5)
    }
  }

  @Test(arguments: FusedActivation.allCases, [true, false])
  func fusedActivationEqualsTheTwoSteps(_ activation: FusedActivation, _ training: Bool) {
    func run(fused: Bool) -> [Tensor?] {
      let x = Variable(sample([3, 2, 2, 5]), requiresGradient: true)
      let weight = Variable(sample([5], in: 0.5...1.5, "w"), requiresGradient: true)
      let bias = Variable(sample([5], "b"), requiresGradient: true)
      let state = BatchNormState(channels: 5)
      let y = batchNorm(
        x, weight: weight, bias: bias, statistics: state, training: training, activation: fused ? activation : .identity
      )
      let output = fused ? y : Self.apply(activation, y)
      output.backward(sample([3, 2, 2, 5], "seed"))
      return [output.value, x.gradient, weight.gradient, bias.gradient]
    }
    for (fused, separate) in zip(run(fused: true), run(fused: false)) {
      expectClose(fused?.scalars ?? [], separate?.scalars.map(Double.init) ?? [.nan], tolerance: 1e-5)
    }
  }

  private static func apply(_ activation: FusedActivation, _ x: Variable) -> Variable {
    switch activation {
    case .identity: x
    case .relu: relu(x)
    case .gelu: gelu(x)
    }
  }

  @Test(arguments: FusedActivation.allCases, [true, false])
  func fusedResidualEqualsTheSteps(_ activation: FusedActivation, _ training: Bool) {
    func run(fused: Bool) -> [Tensor?] {
      let x = Variable(sample([3, 2, 2, 5]), requiresGradient: true)
      let residual = Variable(sample([3, 2, 2, 5], "residual"), requiresGradient: true)
      let weight = Variable(sample([5], in: 0.5...1.5, "w"), requiresGradient: true)
      let bias = Variable(sample([5], "b"), requiresGradient: true)
      let state = BatchNormState(channels: 5)
      let output: Variable
      if fused {
        output = batchNorm(
          x, weight: weight, bias: bias, statistics: state, training: training, activation: activation,
          adding: residual)
      } else {
        let sum = batchNorm(x, weight: weight, bias: bias, statistics: state, training: training) + residual
        output = Self.apply(activation, sum)
      }
      output.backward(sample([3, 2, 2, 5], "seed"))
      return [output.value, x.gradient, residual.gradient, weight.gradient, bias.gradient]
    }
    for (fused, separate) in zip(run(fused: true), run(fused: false)) {
      expectClose(fused?.scalars ?? [], separate?.scalars.map(Double.init) ?? [.nan], tolerance: 1e-5)
    }
  }

  @Test func missingScaleAndShift() {
    let state = BatchNormState(channels: 2)
    let x = Variable(sample([4, 2]), requiresGradient: true)
    let shift = Variable(Tensor(shape: [2], [1, -1]), requiresGradient: true)
    let y = batchNorm(x, bias: shift, statistics: state, training: true)
    y.backward(Tensor(repeating: 1, shape: [4, 2]))
    expectClose(columnSums(y.value).scalars, [4, -4], tolerance: 1e-5)
    #expect(shift.gradient?.scalars == [4, 4])
    #expect(!batchNorm(x.detached(), statistics: state, training: true).requiresGradient)
  }

  /// Constants from `torch.nn.BatchNorm1d(2)` (PyTorch 2.13, float64) over two batches, then in evaluation mode.
  @Test func runningStatisticsAsInPyTorch() {
    let first = Variable(Tensor(shape: [3, 2], [1, -2, 3, 0.5, -1, 4]))
    let second = Variable(Tensor(shape: [3, 2], [0, 1, 2, 2.5, 5, -3]))
    let state = BatchNormState(channels: 2, name: "bn")
    _ = batchNorm(first, statistics: state, training: true)
    let output = batchNorm(second, statistics: state, training: true)
    expectClose(
      output.value.scalars, [-1.1355486, 0.358978746, -0.162221229, 1.00514049, 1.29776983, -1.36411924])
    expectClose(state.runningMean.value.scalars, [0.323333333, 0.0916666667])
    expectClose(state.runningVariance.value.scalars, [1.80333333, 2.43583333])
    let evaluated = batchNorm(first, statistics: state, training: false)
    expectClose(
      evaluated.value.scalars, [0.503889808, -1.3401944, 1.99321929, 0.261631576, -0.985439673, 2.50418794])
    #expect(state.runningMean.name == "bn.running_mean" && state.runningVariance.name == "bn.running_var")
    #expect(state.batches == 2)
  }

  @Test func reestimationAveragesBatchesPlainly() {
    let state = BatchNormState(channels: 1)
    state.runningMean.value = Tensor(shape: [1], [99])
    let batches = [[1, 3], [5, 7], [0, 2]].map { Tensor(shape: [2, 1], $0.map { Float($0) }) }
    reestimateStatistics(of: [state], over: batches) { batch in
      _ = batchNorm(Variable(batch), statistics: state, training: true)
    }
    expectClose(state.runningMean.value.scalars, [3])
    expectClose(state.runningVariance.value.scalars, [2])
    #expect(state.averaging == .exponential)
  }

  @Test func constantChannelsStayFinite() {
    let x = Variable(Tensor(repeating: 3, shape: [4, 2]), requiresGradient: true)
    let y = batchNorm(x, statistics: BatchNormState(channels: 2), training: true)
    y.sum().backward()
    #expect(y.value.scalars.allSatisfy { $0 == 0 } && x.gradient?.isFinite == true)
  }

  @Test(arguments: [[3, 5], [2, 2, 8], [1, 1], [4, 17]]) func rowNormalization(_ shape: [Int]) {
    let features = shape[shape.count - 1]
    let rows = shape.reduce(1, *) / features
    // A single feature has no variance: there a larger epsilon keeps the reference's own differences well-conditioned.
    let epsilon = 1e-2
    let tensors = [sample(shape), sample([features], in: 0.5...1.5, "w"), sample([features], "b")]
    func reference(_ x: [[Double]], centered: Bool) -> [Double] {
      (0..<rows).flatMap { row -> [Double] in
        let values = Array(x[0][row * features..<(row + 1) * features])
        let mean = centered ? values.reduce(0, +) / Double(features) : 0
        let power = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(features)
        return values.enumerated().map {
          ($1 - mean) / (power + epsilon).squareRoot() * (x.count > 1 ? x[1][$0] : 1) + (x.count > 2 ? x[2][$0] : 0)
        }
      }
    }
    expectAgreement(tensors) {
      layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: Float(epsilon))
    } reference: {
      reference($0, centered: true)
    }
    expectAgreement([tensors[0]]) {
      layerNorm($0[0], epsilon: Float(epsilon))
    } reference: {
      reference($0, centered: true)
    }
    expectAgreement(Array(tensors.prefix(2))) {
      rmsNorm($0[0], weight: $0[1], epsilon: Float(epsilon))
    } reference: {
      reference($0, centered: false)
    }
    expectAgreement([tensors[0]]) {
      rmsNorm($0[0], epsilon: Float(epsilon))
    } reference: {
      reference($0, centered: false)
    }
  }
}
