import Testing
import TinyNN
import TinyTensor

@Suite struct AutogradTests {
  @Test func sharedSubexpressionsAddUp() {
    let x = Variable(Tensor(shape: [2], [3, -2]), requiresGradient: true)
    let y = square(x)
    (y * y + y).sum().backward()
    // d(x⁴ + x²) = 4x³ + 2x
    #expect(x.gradient?.scalars == [114, -36])
  }

  @Test func gradientsAccumulateOverPassesUntilCleared() {
    let x = Variable(Tensor(shape: [2], [1, 2]), requiresGradient: true)
    square(x).sum().backward()
    square(x).sum().backward()
    #expect(x.gradient?.scalars == [4, 8])
    x.clearGradient()
    #expect(x.gradient == nil)
  }

  @Test func sameVariableTwiceInOneOperation() {
    let x = Variable(Tensor(shape: [2], [1, 2]), requiresGradient: true)
    (x + x).sum().backward()
    #expect(x.gradient?.scalars == [2, 2])
    x.clearGradient()
    concat([x, x, x]).backward(Tensor(shape: [6], [1, 2, 3, 4, 5, 6]))
    #expect(x.gradient?.scalars == [9, 12])
  }

  /// The gradient of `+` goes to both branches without a copy; changing it in one must not show in the other.
  @Test func branchesDoNotDisturbEachOther() {
    let a = Variable(Tensor(shape: [3], [1, -1, 2]), requiresGradient: true)
    let b = Variable(Tensor(shape: [3], [1, 1, -2]), requiresGradient: true)
    let seed = Tensor(shape: [3], [10, 20, 30])
    (relu(a) + relu(b)).backward(seed)
    #expect(a.gradient?.scalars == [10, 0, 30])
    #expect(b.gradient?.scalars == [10, 20, 0])
    #expect(seed.scalars == [10, 20, 30])
  }

  @Test func retainedGradientOfAnIntermediate() {
    let x = Variable(Tensor(shape: [2], [1, -3]), requiresGradient: true)
    let activation = x * 2
    activation.retainGradient()
    square(relu(activation)).sum().backward()
    #expect(activation.gradient?.scalars == [4, 0])
    #expect(x.gradient?.scalars == [8, 0])
  }

  @Test func onlyLeavesThatAskAreDifferentiated() {
    let x = Variable(Tensor(shape: [1], [2]), requiresGradient: true)
    let constant = Variable(Tensor(shape: [1], [5]))
    let y = x * constant
    #expect(y.requiresGradient && !y.isLeaf)
    #expect(!(constant * constant).requiresGradient)
    #expect(!(y.detached() * constant).requiresGradient)
    y.backward()
    #expect(constant.gradient == nil)
    #expect(x.gradient?.scalars == [5])
    x.requiresGradient = false
    #expect(x.gradient == nil && !(x * constant).requiresGradient)
  }

  @Test func withoutGradientsRecordsNothing() throws {
    let x = Variable(Tensor(shape: [1], [2]), requiresGradient: true)
    let y = withoutGradients { square(x) }
    #expect(!y.requiresGradient && y.value.item == 4)
    #expect(square(x).requiresGradient)
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect(square(x).requiresGradient)
  }

  @Test func customOperationsGetFlagsAndMayReturnNothing() {
    let a = Variable(Tensor(shape: [2], [1, 2]), requiresGradient: true)
    let b = Variable(Tensor(shape: [2], [3, 4]))
    let c = Variable(Tensor(shape: [2], [3, 4]), requiresGradient: true)
    var flags: [Bool] = []
    let y = Variable.custom("test", inputs: [a, b, c], value: a.value) { gradient, needed in
      flags = needed
      return [gradient * 7, nil, nil]
    }
    y.sum().backward()
    #expect(flags == [true, false, true])
    #expect(a.gradient?.scalars == [7, 7])
    #expect(c.gradient == nil)
  }

  @Test func seedsWeightTheOutputs() {
    let x = Variable(Tensor(shape: [3], [1, 2, 3]), requiresGradient: true)
    square(x).backward(Tensor(shape: [3], [1, 0, -1]))
    #expect(x.gradient?.scalars == [2, 0, -6])
  }

  /// Neither the backward pass nor the release of a graph may recurse.
  @Test func veryDeepGraphs() {
    let x = Variable(Tensor(scalar: 1), requiresGradient: true)
    func chain() -> Variable {
      var y = x
      for _ in 0..<200_000 { y = y + 1 }
      return y
    }
    chain().backward()
    #expect(x.gradient?.item == 1)
    var dropped: Variable? = chain()
    #expect(dropped?.value.item == 200_001)
    dropped = nil
  }

  @Test func branchesOfDifferentDepthAreComplete() {
    // x reaches the loss through paths of length 1, 2 and 12; its node must wait for all of them.
    let x = Variable(Tensor(scalar: 0.5), requiresGradient: true)
    let shared = x * 3
    var long = shared
    for _ in 0..<10 { long = long * 2 }
    (long + square(shared) + shared).sum().backward()
    // 3 · 2¹⁰ + 2 · 1.5 · 3 + 3
    #expect(x.gradient?.item == 3084)
  }

  @Test func parametersChangeInPlace() {
    let x = Variable(Tensor(zeros: [4]), requiresGradient: true, name: "w")
    x.value.add(Tensor(repeating: 2, shape: [4]), scaledBy: 0.5)
    #expect(x.value.scalars == [1, 1, 1, 1])
    square(x).sum().backward()
    x.gradient?.scale(by: 0.25)
    #expect(x.gradient?.scalars == [0.5, 0.5, 0.5, 0.5])
    #expect("\(x)".contains("w"))
  }

  @Test func aTrainingStepSettlesToNoFreshBuffers() {
    var generator = Philox(seed: 1, stream: 0)
    let network = Sequential(
      LinearLayer("a", inputs: 40, outputs: 60, using: &generator), Activation(gelu),
      LinearLayer("b", inputs: 60, outputs: 10, using: &generator))
    var optimizer = SGD(momentum: 0.9)
    let x = Variable(sample([32, 40]))
    let labels = (0..<32).map { $0 % 10 }
    func step() {
      network.parameters.clearGradients()
      crossEntropy(network(x), labels: labels).backward()
      optimizer.step(network.parameters, learningRate: 0.1)
    }
    for _ in 0..<3 { step() }
    // Other tests run beside this one and may allocate; a step that allocates would do so every time.
    let fresh = (0..<20).map { _ in
      let before = BufferPool.statistics.fresh
      step()
      return BufferPool.statistics.fresh - before
    }
    #expect(fresh.min() == 0)
  }
}
