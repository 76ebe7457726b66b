import Testing
import TinyNN
import TinyTensor

@Suite struct ModuleTests {
  @Test func namesAndOrderOfParameters() {
    var generator = Philox(seed: 1, stream: "init")
    let network = Sequential(
      LinearLayer("fc1", inputs: 4, outputs: 3, using: &generator), Activation { relu($0) },
      LinearLayer("fc2", inputs: 3, outputs: 2, bias: false, using: &generator))
    #expect(network.parameters.map(\.name) == ["fc1.weight", "fc1.bias", "fc2.weight"])
    #expect(network.parameters.map(\.shape) == [[3, 4], [3], [2, 3]])
    let block = TransformerBlock("h.0", features: 8, heads: 2, using: &generator)
    #expect(block.parameters.count == 16)
    #expect(Set(block.parameters.compactMap(\.name)).count == 16)
  }

  @Test func aSmallNetworkLearnsExclusiveOr() {
    var generator = Philox(seed: 3, stream: "init")
    let network = Sequential(
      LinearLayer("0", inputs: 2, outputs: 16, using: &generator), Activation { TinyNN.tanh($0) },
      LinearLayer("2", inputs: 16, outputs: 2, using: &generator))
    let x = Variable(Tensor(shape: [4, 2], [0, 0, 0, 1, 1, 0, 1, 1]))
    var optimizer = Adam()
    for _ in 0..<300 {
      network.parameters.clearGradients()
      crossEntropy(network(x), labels: [0, 1, 1, 0]).backward()
      optimizer.step(network.parameters, learningRate: 0.02)
    }
    #expect(withoutGradients { network(x) }.value.argmaxRows() == [0, 1, 1, 0])
  }

  /// A two-layer language model learns a sequence by heart and its gradient agrees with differences along random directions.
  @Test func aSmallTransformer() {
    var generator = Philox(seed: 5, stream: "init")
    let tokens = EmbeddingLayer("wte", entries: 7, features: 16, standardDeviation: 0.3, using: &generator)
    let positions = EmbeddingLayer("wpe", entries: 6, features: 16, standardDeviation: 0.3, using: &generator)
    let body = Sequential(
      TransformerBlock("h.0", features: 16, heads: 4, using: &generator),
      TransformerBlock("h.1", features: 16, heads: 4, using: &generator), LayerNormLayer("ln", features: 16),
      LinearLayer("head", inputs: 16, outputs: 7, using: &generator))
    let parameters = tokens.parameters + positions.parameters + body.parameters
    let (input, target) = ([1, 5, 2, 0, 6, 3], [5, 2, 0, 6, 3, 4])
    func loss() -> Variable {
      let x = (tokens(input) + positions(Array(0..<6))).reshaped([1, 6, 16])
      return crossEntropy(body(x).reshaped([6, 7]), labels: target)
    }
    let deviation = GradientCheck.directional(parameters: parameters, loss: loss)
    #expect(deviation.error < 0.01, "\(deviation)")
    #expect(parameters.allSatisfy { $0.gradient == nil })
    var optimizer = Adam.adamW()
    for _ in 0..<60 {
      parameters.clearGradients()
      loss().backward()
      clipGradientNorm(parameters, maximum: 1)
      optimizer.step(parameters, learningRate: 0.01)
    }
    #expect(loss().value.item < 0.1)
  }

  @Test func aSmallConvolutionalNetwork() {
    var generator = Philox(seed: 6, stream: "init")
    func parameter(_ shape: [Int]) -> Variable {
      Variable(.normal(shape, standardDeviation: 0.3, using: &generator), requiresGradient: true)
    }
    let (first, second, head) = (parameter([8, 3, 3, 3]), parameter([8, 8, 3, 3]), parameter([4, 8]))
    let scale = Variable(Tensor(repeating: 1, shape: [8]), requiresGradient: true)
    let shift = Variable(Tensor(zeros: [8]), requiresGradient: true)
    let images = Variable(sample([8, 9, 9, 3]))
    func loss() -> Variable {
      let stem = batchNorm(
        conv2d(images, weight: first, padding: 1), weight: scale, bias: shift, statistics: BatchNormState(channels: 8),
        training: true)
      let branch = conv2d(gelu(stem), weight: second, padding: 1) + stem
      let pooled = globalAveragePool(avgPool2d(silu(branch), kernel: 2))
      return crossEntropy(linear(pooled, weight: head), labels: [0, 1, 2, 3, 0, 1, 2, 3], smoothing: 0.1)
    }
    let deviation = GradientCheck.directional(parameters: [first, second, head, scale, shift], loss: loss)
    #expect(deviation.error < 0.01, "\(deviation)")
  }

  /// Training must give the same bits whatever the number of threads.
  @Test func trainingDoesNotDependOnThreads() {
    func train() -> [[UInt32]] {
      var generator = Philox(seed: 8, stream: "init")
      let weight = Variable(
        .normal([16, 3, 3, 3], standardDeviation: 0.2, using: &generator), requiresGradient: true, name: "conv")
      let scale = Variable(Tensor(repeating: 1, shape: [16]), requiresGradient: true, name: "scale")
      let head = LinearLayer("head", inputs: 16, outputs: 10, using: &generator)
      let parameters = [weight, scale] + head.parameters
      let state = BatchNormState(channels: 16)
      let images = Variable(sample([32, 16, 16, 3]))
      let labels = (0..<32).map { $0 % 10 }
      var optimizer = SGD(momentum: 0.9, nesterov: true, weightDecay: 1e-3)
      for _ in 0..<3 {
        parameters.clearGradients()
        let features = batchNorm(
          conv2d(images, weight: weight, padding: 1), weight: scale, statistics: state, training: true,
          activation: .relu)
        let kept = dropout(gelu(maxPool2d(features, kernel: 2)), probability: 0.1, using: &generator)
        crossEntropy(head(globalAveragePool(kept)), labels: labels, smoothing: 0.1).backward()
        optimizer.step(parameters, learningRate: 0.1)
      }
      return (parameters + [state.runningMean, state.runningVariance]).map { $0.value.scalars.map(\.bitPattern) }
    }
    let serial = Threads.withCount(1, train)
    #expect(Threads.withCount(2, train) == serial)
    #expect(Threads.withCount(3, train) == serial)
  }
}
