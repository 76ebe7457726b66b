import Foundation
import PELNAS
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite struct ZeroCostTests {
  @Test func countsAndNormsFollowTheirFormulas() throws {
    let scorer = try ZeroCost(gaussian: 2, seed: 1)
    for word in ["000000", "333132", "421211", "222222"] {
      let cell = try Cell(word: word)
      let values = try scorer.compute(cell, proxies: [.params, .flops, .l2Norm])
      #expect(values[.params] == Double(CellCounts(cell).parameters) * 1e-6)
      let expected = 27.8 + 51 * Double(cell.count(.conv1x1) + cell.count(.conv3x3))
      #expect(abs((values[.l2Norm] ?? 0) - expected) < 0.02 * expected)
    }
  }

  @Test func theBuildersNetworkHasTheCountedParameters() throws {
    for word in ["000000", "000100", "333132", "421211", "222222", "104040"] {
      let cell = try Cell(word: word)
      let network = try CellNetwork.build(cell, on: .cifar100, seed: 1)
      #expect(network.cost().parameters == CellCounts(cell, on: .cifar100).parameters)
    }
  }

  @Test(arguments: ["313021", "240340", "000100"])
  func synflowEqualsTheDerivativeOfTheScaledNetwork(word: String) throws {
    let network = try smallNetwork(Cell(word: word))
    let reference = SlowPositiveNetwork(network)
    let slope = (reference.output(scale: 1 + 1e-4) - reference.output(scale: 1 - 1e-4)) / 2e-4
    #expect(abs(try SynapticFlow.logarithm(network) - log(slope)) < 1e-4)
  }

  @Test func synflowOfDeepCellsStaysFinite() throws {
    let scorer = try ZeroCost(gaussian: 2, seed: 1)
    let value = try scorer.compute(Cell(word: "333333"), proxies: [.synflow])[.synflow] ?? 0
    #expect(value > 60 && value < 130)
  }

  private func loss(_ network: Network, _ images: Tensor, _ labels: [Int], scale: Float) throws -> Double {
    var scaled = network
    for name in CellNetwork.weightNames(network) {
      scaled.parameters[name] = network.parameters[name].map { $0 * scale }
    }
    let logits = try scaled.forward(
      Variable(images), parameters: ParameterSet(scaled), mode: .training(seed: 0, step: 0))
    return Double(crossEntropy(logits, labels: labels).value.item)
  }

  /// dℓ((1+t)W)/dt = Σ W ⊙ ∂ℓ/∂W, by differences of the loss on a network of one cell a stage.
  @Test func plainEqualsTheSlopeOfTheLoss() throws {
    let network = try smallNetwork(Cell(word: "302021"))
    var generator = Philox(seed: 3, stream: "images")
    let images = Tensor.normal([6, 32, 32, 3], using: &generator)
    let labels = [0, 1, 2, 3, 4, 5]
    let gradients = try LossGradients(network, images: images, labels: labels)
    let slope =
      (try loss(network, images, labels, scale: 1.001) - loss(network, images, labels, scale: 0.999)) / 0.002
    #expect(abs(gradients.plain - slope) < 0.02 * max(0.05, abs(slope)))
    #expect(gradients.sensitivity >= abs(gradients.plain) && gradients.norm > 0 && gradients.fisher > 0)
  }

  private func smallNetwork(_ cell: Cell) throws -> Network {
    var network = try Models.nasBench201(cell.archString, channels: 4, cells: 1)
    CellNetwork.initialize(&network, seed: 5)
    return network
  }

  @Test func disconnectedCellsHaveNoFunction() throws {
    let scorer = try ZeroCost(gaussian: 2, seed: 1)
    let values = try scorer.compute(Cell(word: "300000"), proxies: Set(Proxy.allCases))
    #expect(values[.synflow] == 0 && values[.nwot] == 0 && values[.zen] == 0)
    #expect((values[.params] ?? 0) > 0.3)
  }

  @Test func aBatchOfOneHasNoCorrelations() throws {
    let scorer = try ZeroCost(gaussian: 1, seed: 1)
    #expect(throws: PELNASError.self) { try scorer.compute(Cell(word: "333132"), proxies: [.nwot]) }
    #expect(throws: PELNASError.self) { try ZeroCost(images: Tensor(zeros: [2, 16, 16, 3]), labels: [0, 1], seed: 1) }
    #expect(throws: PELNASError.self) {
      try ZeroCost(images: Tensor(zeros: [2, 32, 32, 3]), labels: [0, 10], seed: 1)
    }
  }

  /// ln |det K| by the definition: one code bit per rectified value, every pair of images compared bit by bit.
  @Test func nwotEqualsItsDefinition() throws {
    let (cell, batch) = (try Cell(word: "302021"), 4)
    var generator = Philox(seed: 7, stream: "nwot")
    let images = Tensor.normal([batch, 32, 32, 3], using: &generator)
    let network = try CellNetwork.build(cell.canonical, on: .cifar10, seed: 3)
    var kernel = DoubleMatrix(zeros: batch, batch)
    _ = try network.forward(
      Variable(images), parameters: ParameterSet(network, trainable: false), mode: .training(seed: 0, step: 0)
    ) { node, output in
      guard network.node(named: node)?.op == .relu else { return }
      let (values, width) = (output.value.scalars, output.value.count / batch)
      for first in 0..<batch {
        for second in 0..<batch {
          let shared = (0..<width).count { (values[first * width + $0] > 0) == (values[second * width + $0] > 0) }
          kernel[first, second] += Double(shared)
        }
      }
    }
    let expected = try LinearAlgebra.symmetricEigenvalues(kernel).reduce(0) { $0 + log(abs($1)) }
    let scorer = try ZeroCost(images: images, labels: [0, 1, 2, 3], seed: 3)
    let value = try scorer.compute(cell, proxies: [.nwot])[.nwot] ?? 0
    #expect(abs(value - expected) < 1e-9 * abs(expected))
  }

  @Test func cellsSideBySideScoreAsAlone() throws {
    let scorer = try ZeroCost(gaussian: 2, seed: 1)
    let cells = try ["313021", "300000", "222222"].map { try Cell(word: $0) }
    let proxies: Set<Proxy> = [.params, .l2Norm, .synflow]
    #expect(try scorer.compute(cells, proxies: proxies) == cells.map { try scorer.compute($0, proxies: proxies) })
  }

  @Test func allThirteenAreFiniteAndRepeat() throws {
    let scorer = try ZeroCost(gaussian: 4, seed: 1)
    let cell = try Cell(word: "103020")
    let first = try scorer.compute(cell, proxies: Set(Proxy.allCases))
    #expect(first.count == 13 && first.values.allSatisfy { $0.isFinite })
    #expect(try scorer.compute(cell, proxies: Set(Proxy.allCases)) == first)
  }
}
