import Testing
import TinyNN
import TinyTensor

@Suite struct OptimizerTests {
  /// Three steps at learning rate 0.1 from w = (1, −2, 0.5, 3) with the gradients g_k = (k + 1) · (0.1, −0.4, 0.25, 1.5) − 0.3 w, as in
  /// the script that made the expected values with torch.optim (PyTorch 2.13, float32).
  private func run(_ optimizer: some Optimizer, restartingAfter pause: Int? = nil) -> [Float] {
    var optimizer: any Optimizer = optimizer
    let fresh = optimizer
    let w = Variable(Tensor(shape: [4], [1, -2, 0.5, 3]), requiresGradient: true, name: "w")
    for step in 0..<3 {
      if step == pause {
        // As when training resumes: a new optimiser that only gets the saved state.
        let state = optimizer.state
        optimizer = fresh
        optimizer.state = state
      }
      w.gradient = Tensor(shape: [4], [0.1, -0.4, 0.25, 1.5]) * Float(step + 1) - w.value * 0.3
      optimizer.step([w], learningRate: 0.1)
    }
    return w.value.scalars
  }

  @Test func gradientDescentAsInPyTorch() {
    expectClose(run(SGD()), [1.03151798, -1.9406178, 0.393341035, 2.36004591])
    expectClose(run(SGD(weightDecay: 0.05)), [1.0158844, -1.9097563, 0.385929704, 2.31557798])
    expectClose(run(SGD(momentum: 0.9, weightDecay: 0.05)), [1.04670942, -1.90030622, 0.330242217, 1.98145318])
    expectClose(
      run(SGD(momentum: 0.9, nesterov: true, weightDecay: 0.05)), [1.06001222, -1.81999993, 0.229981422, 1.37988853])
  }

  @Test func adaptiveMethodsAsInPyTorch() {
    // torch.optim.Adam / AdamW(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05)
    expectClose(
      run(Adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.05)),
      [1.25862324, -1.96967459, 0.212839112, 2.71192074], tolerance: 3e-6)
    expectClose(
      run(Adam.adamW(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.05)),
      [1.26408553, -2.00080442, 0.209724441, 2.67133999], tolerance: 3e-6)
    // torch.optim.RMSprop(lr=0.1, alpha=0.9, eps=1e-6, momentum=0.7, weight_decay=0.05)
    expectClose(
      run(RMSprop(smoothing: 0.9, epsilon: 1e-6, momentum: 0.7, weightDecay: 0.05)),
      [2.24411869, -1.90076756, -0.991765261, 1.5201931], tolerance: 3e-6)
  }

  @Test func resumingFromStateChangesNothing() {
    let optimizers: [any Optimizer] = [
      SGD(momentum: 0.9, nesterov: true, weightDecay: 0.05), Adam(), Adam.adamW(), RMSprop(momentum: 0.5),
    ]
    for optimizer in optimizers {
      for pause in 1...2 { #expect(run(optimizer, restartingAfter: pause) == run(optimizer)) }
    }
  }

  /// The recurrences by hand, for two steps with gradient 1 from w = 0.
  @Test func closedFormTwoSteps() {
    func steps(_ optimizer: any Optimizer) -> [Float] {
      var optimizer = optimizer
      let w = Variable(Tensor(shape: [1], [0]), requiresGradient: true)
      return (0..<2).map { _ in
        w.gradient = Tensor(shape: [1], [1])
        optimizer.step([w], learningRate: 0.5)
        return w.value.item
      }
    }
    #expect(steps(SGD()) == [-0.5, -1])
    #expect(steps(SGD(momentum: 0.5)) == [-0.5, -1.25])
    #expect(steps(SGD(momentum: 0.5, nesterov: true)) == [-0.75, -1.625])
    // A constant gradient makes both bias-corrected moments exactly 1: steps of the learning rate.
    expectClose(steps(Adam()), [-0.5, -1])
  }

  @Test func groupsScaleRateAndDecay() {
    let matrix = Variable(Tensor(shape: [1, 1], [1]), requiresGradient: true, name: "m")
    let bias = Variable(Tensor(shape: [1], [1]), requiresGradient: true, name: "b")
    let fast = Variable(Tensor(shape: [1], [1]), requiresGradient: true, name: "f")
    let parameters = [matrix, bias, fast]
    for parameter in parameters { parameter.gradient = Tensor(zeros: parameter.shape) }
    var optimizer = SGD(
      weightDecay: 0.5,
      groups: [.named(["f"], learningRateScale: 4, weightDecayScale: 0.25), .vectorsWithoutDecay])
    optimizer.step(parameters, learningRate: 0.1)
    expectClose(parameters.map(\.value.item), [0.95, 1, 0.95])
  }

  @Test func parametersWithoutGradientAreSkipped() {
    let used = Variable(Tensor(shape: [1], [1]), requiresGradient: true)
    let unused = Variable(Tensor(shape: [1], [1]), requiresGradient: true)
    square(used).backward()
    var optimizer = SGD(momentum: 0.9, weightDecay: 0.1)
    optimizer.step([unused, used], learningRate: 0.1)
    #expect(unused.value.item == 1 && used.value.item != 1)
    #expect(Array(optimizer.state.keys) == ["v.#1"])
  }

  /// `torch.nn.utils.clip_grad_norm_` on the gradient (3, 4) with maximum 2 returns 5 and leaves (1.19999976, 1.59999968).
  @Test func clippingAsInPyTorch() {
    let w = Variable(Tensor(shape: [2], [0, 0]), requiresGradient: true)
    w.gradient = Tensor(shape: [2], [3, 4])
    #expect(clipGradientNorm([w], maximum: 2) == 5)
    expectClose(w.gradient?.scalars ?? [], [1.19999976, 1.59999968])
    #expect(clipGradientNorm([w], maximum: 10) < 2.001)
    expectClose(w.gradient?.scalars ?? [], [1.19999976, 1.59999968])
  }

  @Test func averages() {
    let w = Variable(Tensor(shape: [1], [1]), requiresGradient: true, name: "w")
    var ema = ExponentialMovingAverage(decay: 0.75)
    var mean = StochasticWeightAverage()
    for value in [1, 2, 6] as [Float] {
      w.value = Tensor(shape: [1], [value])
      ema.update([w])
      mean.update([w])
    }
    mean.copy(to: [w])
    #expect(w.value.item == 3)
    ema.copy(to: [w])
    #expect(w.value.item == 0.75 * (0.75 * 1 + 0.25 * 2) + 0.25 * 6)
    var restored = ExponentialMovingAverage(decay: 0.75)
    restored.state = ema.state
    #expect(restored.state == ema.state && Array(ema.state.keys) == ["ema.w"])
  }

  @Test func lookaheadPullsBack() {
    let w = Variable(Tensor(shape: [1], [1]), requiresGradient: true, name: "w")
    var lookahead = Lookahead([w])
    w.value = Tensor(shape: [1], [3])
    lookahead.update([w], decay: 0.75)
    #expect(w.value.item == 1.5)
    w.value = Tensor(shape: [1], [9])
    lookahead.update([w], decay: 1)
    #expect(w.value.item == 1.5)
  }
}
