import TinyTensor

extension QuantizationKernel {
  /// The gradients of learned step quantisation: returns that of the steps and turns `gradient` into that of `x`, in place.
  func learnedStepGradient(_ gradient: inout Tensor, x: Tensor, steps: [Float]) -> Tensor {
    let width = x.count / steps.count
    let scale = 1 / (Float(width) * upper).squareRoot()
    var result = Tensor(zeros: [steps.count])
    gradient.withUnsafeMutableBufferPointer { gradient in
      x.withUnsafeBufferPointer { input in
        result.withUnsafeMutableBufferPointer { sums in
          guard let g = gradient.baseAddress, let x = input.baseAddress, let sums = sums.baseAddress else { return }
          parallelFor(steps.count) { channel in
            var total = 0.0
            for index in channel * width..<(channel + 1) * width {
              let ratio = x[index] / steps[channel]
              let isInside = ratio >= lower && ratio <= upper
              let slope = isInside ? ratio.rounded(.toNearestOrEven) - ratio : ratio < lower ? lower : upper
              total += Double(g[index] * slope)
              if !isInside { g[index] = 0 }
            }
            sums[channel] = Float(total) * scale
          }
        }
      }
    }
    return result
  }
}
