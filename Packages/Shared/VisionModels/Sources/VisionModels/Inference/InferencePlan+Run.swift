import TinyNN
import TinyTensor

extension InferencePlan {
  /// Runs all steps. Values are released at their last use, so their buffers serve later layers and the next batch.
  /// - Parameter afterStep: called with each step's index when it is done.
  func run(_ images: Tensor, afterStep: ((Int) -> Void)? = nil) throws(NetworkError) -> Tensor {
    var values: [Tensor?] = Array(repeating: nil, count: slots)
    values[input] = images
    for (index, step) in steps.enumerated() {
      let output = try step.run(&values)
      for slot in step.releases { values[slot] = nil }
      values[step.output] = output
      afterStep?(index)
    }
    guard let result = values[output] else { return images }
    return result
  }
}

extension InferencePlan.Step {
  fileprivate func run(_ values: inout [Tensor?]) throws(NetworkError) -> Tensor {
    guard let x = values[inputs[0]] else { preconditionFailure("slot \(inputs[0]) is empty in \(nodes)") }
    switch kernel {
    case .convolution(let convolution, let useReLU):
      return convolution(x, adding: inputs.count > 1 ? values[inputs[1]] : nil, relu: useReLU)
    case .linear(let weight, let bias, let useReLU):
      var y = matmul(x, weight, transposeB: true)
      if let bias { y += bias }
      return useReLU ? relu(y) : y
    case .affine(let mean, let inverse, let scale, let shift, let useReLU):
      return batchNormApply(
        x, mean: mean, inverseStandardDeviation: inverse, weight: scale, bias: shift,
        activation: useReLU ? .relu : .identity)
    case .add(let useReLU):
      var y = x
      for slot in inputs.dropFirst() {
        if let other = values[slot] { y += other }
      }
      return useReLU ? relu(y) : y
    case .plain(let op):
      return withoutGradients {
        Network.evaluatePlain(op, inputs.compactMap { values[$0].map { Variable($0) } }).value
      }
    case .custom(let operation, let node, let parameters):
      let arguments = inputs.compactMap { values[$0].map { Variable($0) } }
      let result = withoutGradients { () -> Result<Tensor, NetworkError> in
        do throws(NetworkError) {
          return .success(
            try operation.forward(arguments, parameters: parameters.mapValues { Variable($0) }, mode: .evaluation).value
          )
        } catch {
          return .failure(error.located(at: node))
        }
      }
      return try result.get()
    }
  }
}
