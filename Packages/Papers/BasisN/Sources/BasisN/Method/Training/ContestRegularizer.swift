import TinyNN
import TinyTensor

/// The contest-aware regulariser Ω (section 2.5): how unevenly the columns are loaded, averaged over all contests with their
/// windows as weights, because a cycle of a layer is paid once per window.
public struct ContestRegularizer: Sendable {
  /// Softness τ of the membership `|c| / (|c| + τ·α)`.
  public let softness: Float
  private let contests: [SliceBank.ContestGroup]
  private let weights: [Double]
  private let steps: [Float]

  /// Creates the regulariser of a code's layers and steps.
  public init(_ code: BasisCode, softness: Float = 0.5) {
    self.softness = softness
    let bank = SliceBank(
      layers: code.layers, vectors: Tensor(zeros: [code.coefficients.shape[0], code.basis.shape[1]]))
    contests = bank.contests
    let windows = contests.map { Double(code.layers[$0.layer].shape.windows) }
    let total = windows.reduce(0, +)
    weights = windows.map { $0 / total }
    steps = code.steps.map { $0 * softness }
  }

  /// Ω of coefficients `[slices, B]`, as a scalar with its gradient.
  public func callAsFunction(_ coefficients: Variable) -> Variable {
    let tensor = coefficients.value
    let atoms = tensor.shape[1]
    var loads = contests.map { _ in [Double](repeating: 0, count: atoms) }
    var total = 0.0
    tensor.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      for (index, contest) in contests.enumerated() {
        total +=
          weights[index]
          * ContestKernel.value(values, atoms: atoms, rows: contest.rows, softness: steps, loads: &loads[index])
      }
    }
    let saved = loads
    return Variable.custom("contest", inputs: [coefficients], value: Tensor(scalar: Float(total))) { gradient, needed in
      guard needed[0] else { return [nil] }
      return [self.gradient(tensor, loads: saved, scale: Double(gradient.item))]
    }
  }

  private func gradient(_ tensor: Tensor, loads: [[Double]], scale: Double) -> Tensor {
    var result = Tensor(zeros: tensor.shape)
    let atoms = tensor.shape[1]
    tensor.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { target in
        guard let values = values.baseAddress, let target = target.baseAddress else { return }
        for (index, contest) in contests.enumerated() {
          ContestKernel.addGradient(
            values, atoms: atoms, rows: contest.rows, softness: steps, loads: loads[index],
            weight: scale * weights[index], into: target)
        }
      }
    }
    return result
  }
}
