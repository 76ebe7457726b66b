import Foundation
import Testing
import TinyNN
import TinyTensor
import VisionModels

import ClassAwarePruning

@Suite("Training cost")
struct TrainingCostTests {
  /// `W[o, c, u, v] = 0.3 · sin(7o + 3c + 2u + v + 0.5)`.
  static func weight(_ outputs: Int, _ inputs: Int) -> Tensor {
    var scalars: [Float] = []
    for o in 0..<outputs {
      for c in 0..<inputs {
        for u in 0..<3 {
          for v in 0..<3 { scalars.append(Float(0.3 * sin(Double(7 * o + 3 * c + 2 * u + v) + 0.5))) }
        }
      }
    }
    return Tensor(shape: [outputs, inputs, 3, 3], scalars)
  }

  /// The definition, in Double: all nine offsets, plain loops.
  static func referenceNorm(_ w: [Double], outputs: Int, inputs: Int) -> Double {
    func at(_ o: Int, _ c: Int, _ u: Int, _ v: Int) -> Double {
      (0..<3).contains(u) && (0..<3).contains(v) ? w[((o * inputs + c) * 3 + u) * 3 + v] : 0
    }
    var squared = 0.0
    for o in 0..<outputs {
      for other in 0..<outputs {
        for p in 0..<3 {
          for q in 0..<3 {
            var sum = o == other && p == 1 && q == 1 ? -1.0 : 0
            for c in 0..<inputs {
              for u in 0..<3 {
                for v in 0..<3 { sum += at(o, c, p + u - 1, q + v - 1) * at(other, c, u, v) }
              }
            }
            squared += sum * sum
          }
        }
      }
    }
    return squared.squareRoot()
  }

  // Golden numbers from PyTorch in float64:
  //   out = F.conv2d(W, W, padding=1); out[:, :, 1, 1] -= eye(O); out.norm().backward()
  @Test(
    "Orthogonality equals PyTorch",
    arguments: [
      (4, 3, 6.083166756857296, -1.9388567860264645, 52.86063155831233, 0.29173349729281794),
      (5, 2, 5.14573509756879, 0.06515532900662957, 41.90366144751549, 0.2775077698993056),
      (1, 1, 0.7076545600730707, 0.0004750514072034695, 1.1574062959549256, -0.11893173835506152),
    ])
  func orthogonalityGolden(
    outputs: Int, inputs: Int, norm: Double, gradientSum: Double, gradientL1: Double, firstGradient: Double
  ) {
    let result = kernelOrthogonality(Self.weight(outputs, inputs))
    #expect(abs(Double(result.norm) - norm) < 1e-5)
    let gradient = result.gradient.scalars.map(Double.init)
    #expect(abs(gradient.reduce(0, +) - gradientSum) < 1e-4)
    #expect(abs(gradient.reduce(0) { $0 + abs($1) } - gradientL1) < 1e-4)
    #expect(abs(gradient[0] - firstGradient) < 1e-5)
  }

  @Test("Orthogonality and its gradient equal the Double reference", arguments: [(1, 1), (2, 3), (7, 5), (16, 16)])
  func orthogonalityReference(outputs: Int, inputs: Int) {
    var generator = Philox(seed: 1, stream: "orthogonality")
    let weight = Tensor.normal([outputs, inputs, 3, 3], mean: 0, standardDeviation: 0.2, using: &generator)
    var double = weight.scalars.map(Double.init)
    let result = kernelOrthogonality(weight)
    let expected = Self.referenceNorm(double, outputs: outputs, inputs: inputs)
    #expect(abs(Double(result.norm) - expected) < 2e-5 * (1 + expected))
    for index in stride(from: 0, to: double.count, by: max(1, double.count / 20)) {
      let original = double[index]
      double[index] = original + 1e-5
      let above = Self.referenceNorm(double, outputs: outputs, inputs: inputs)
      double[index] = original - 1e-5
      let below = Self.referenceNorm(double, outputs: outputs, inputs: inputs)
      double[index] = original
      let slope = (above - below) / 2e-5
      #expect(abs(Double(result.gradient.scalars[index]) - slope) < 1e-4 * (1 + abs(slope)))
    }
  }

  @Test("An exactly orthogonal kernel has norm 0 and gradient 0")
  func orthogonalFixedPoint() {
    var weight = Tensor(zeros: [2, 2, 3, 3])
    weight[0, 0, 1, 1] = 1
    weight[1, 1, 1, 1] = 1
    let result = kernelOrthogonality(weight)
    #expect(result.norm == 0)
    #expect(result.gradient.scalars.allSatisfy { $0 == 0 })
  }

  @Test("The cost of a small network in closed form, and its gradient")
  func closedForm() throws {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 1, to: 1, kernel: 3)
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 1, outputFeatures: 2)), x)
    var network = try builder.build(name: "small", inputShape: [4, 4, 1])
    // Only the centre tap: conv(W, W) is w² at the centre, 0 elsewhere.
    var weight = Tensor(zeros: [1, 1, 3, 3])
    weight[0, 0, 1, 1] = 2
    network.parameters["conv.weight"] = weight
    network.parameters["linear.weight"] = Tensor(shape: [2, 1], [-3, 0])
    network.parameters["linear.bias"] = Tensor(shape: [2], [0.5, -0.25])
    let parameters = try ParameterSet(network)
    let cost = TrainingCost(l1: 0.1, orthogonality: 0.01)
    let terms = cost.terms(parameters, crossEntropy: 1)
    #expect(abs(terms.l1 - 0.1 * 5.75) < 1e-6)
    #expect(abs(terms.orthogonality - 0.01 * 3) < 1e-7)
    #expect(abs(terms.total - 1.605) < 1e-6)
    let variable = try #require(cost.variable(parameters))
    #expect(abs(variable.value.item - 0.605) < 1e-6)
    variable.backward()
    // d‖w² − 1‖/dw = 2w = 4 for w > 1.
    let gradient = try #require(parameters["conv.weight"]?.gradient)
    #expect(abs(gradient[0, 0, 1, 1] - (0.1 + 0.01 * 4)) < 1e-6)
    #expect(gradient[0, 0, 0, 0] == 0)
    #expect(parameters["linear.weight"]?.gradient?.scalars == [-0.1, 0])
    #expect(parameters["linear.bias"]?.gradient?.scalars == [0.1, -0.1])
  }

  @Test("The orthogonality can be skipped in between, with its weight kept")
  func everyOther() throws {
    var network = try Models.digits(width: 4)
    network.initialize(seed: 1)
    let parameters = try ParameterSet(network)
    let plain = TrainingCost(l1: 0, orthogonality: 1e-2)
    let sparse = TrainingCost(l1: 0, orthogonality: 1e-2, orthogonalityEvery: 4)
    let full = try #require(plain.variable(parameters)).value.item
    #expect(sparse.variable(parameters, step: 1) == nil)
    #expect(try #require(sparse.variable(parameters, step: 8)).value.item == 4 * full)
    #expect(TrainingCost.none.variable(parameters) == nil)
  }

  @Test("Impossible weights are usage errors")
  func validation() {
    #expect(throws: PruneError.self) { try TrainingCost(l1: -1).validate() }
    #expect(throws: PruneError.self) { try TrainingCost(orthogonality: .nan).validate() }
    #expect(throws: PruneError.self) { try TrainingCost(orthogonalityEvery: 0).validate() }
  }
}
