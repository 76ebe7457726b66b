/// Mean and biased variance of every channel, over all but the last dimension: `[…, channels]` → two times `[channels]`.
///
/// Two passes in fixed chunks with `Double` accumulators, so the result depends on the data alone. For the running variance,
/// multiply by n / (n - 1).
public func batchNormStatistics(_ x: Tensor) -> (mean: Tensor, variance: Tensor) {
  let channels = x.shape.last ?? 1
  precondition(channels > 0 && x.count > 0, "batchNormStatistics needs at least one row, the shape is \(x.shape)")
  var mean = Tensor(uninitialized: [channels])
  let variance = Tensor.filled([channels]) { variances in
    let means = Tensor.filled([channels]) { target in
      x.withPointer {
        BatchNormKernel.statistics(
          $0, rows: x.count / channels, channels: channels, mean: target, variance: variances)
      }
    }
    mean = means
  }
  return (mean, variance)
}

/// `relu?((x − mean) · inverseStandardDeviation · weight + bias + residual)`, per channel of the last dimension.
public func batchNormApply(
  _ x: Tensor, mean: Tensor, inverseStandardDeviation: Tensor, weight: Tensor? = nil, bias: Tensor? = nil,
  relu: Bool = false, adding residual: Tensor? = nil
) -> Tensor {
  let channels = x.shape.last ?? 1
  for vector in [mean, inverseStandardDeviation, weight, bias] {
    precondition(vector == nil || vector?.count == channels, "batchNormApply: one value per channel (\(channels))")
  }
  precondition(residual == nil || residual?.shape == x.shape, "batchNormApply: the residual has another shape than x")
  return .filled(x.shape) { target in
    guard x.count > 0 else { return }
    withScratch(Float.self, count: 2 * channels) { affine in
      withPointers(mean, inverseStandardDeviation) { mean, inverse in
        withOptionalPointer(weight) { weight in
          withOptionalPointer(bias) { bias in
            for channel in 0..<channels {
              let scale = inverse[channel] * (weight?[channel] ?? 1)
              affine[channel] = scale
              affine[channels + channel] = (bias?[channel] ?? 0) - mean[channel] * scale
            }
          }
        }
      }
      x.withPointer { source in
        withOptionalPointer(residual) { residual in
          BatchNormKernel.apply(
            source, rows: x.count / channels, channels: channels, scale: affine, shift: affine + channels,
            residual: residual, relu: relu, into: target)
        }
      }
    }
  }
}

/// The gradient of training-mode batch normalisation.
///
/// - Parameters:
///   - dy: gradient of the output.
///   - x: the input of the forward pass.
///   - mean: what `batchNormStatistics` gave for `x`.
///   - inverseStandardDeviation: `1 / sqrt(variance + epsilon)`.
///   - weight: the scale, 1 if absent.
///   - reluOutput: the output of the fused ReLU, if there was one: `dy` counts only where it is positive.
/// - Returns: gradients of the input (shape of `x`), the weight and the bias (`[channels]`), summed in fixed chunks.
public func batchNormGradient(
  _ dy: Tensor, x: Tensor, mean: Tensor, inverseStandardDeviation: Tensor, weight: Tensor? = nil,
  reluOutput: Tensor? = nil
) -> (input: Tensor, weight: Tensor, bias: Tensor) {
  precondition(dy.shape == x.shape, "batchNormGradient: gradient \(dy.shape) ≠ input \(x.shape)")
  precondition(
    reluOutput == nil || reluOutput?.shape == x.shape, "batchNormGradient: the ReLU output has another shape")
  let channels = x.shape.last ?? 1
  for vector in [mean, inverseStandardDeviation, weight] {
    precondition(vector == nil || vector?.count == channels, "batchNormGradient: one value per channel (\(channels))")
  }
  let dweight = Tensor(uninitialized: [channels])
  let dbias = Tensor(uninitialized: [channels])
  let dx = Tensor.filled(x.shape) { target in
    withPointers(dy, x) { gradient, input in
      withPointers(mean, inverseStandardDeviation) { mean, inverse in
        withOptionalPointer(weight) { weight in
          withOptionalPointer(reluOutput) { output in
            BatchNormGradientKernel.run(
              gradient, x: input, output: output, rows: channels == 0 ? 0 : x.count / channels, channels: channels,
              mean: mean, inverse: inverse, weight: weight, dweight: dweight.storage.pointer,
              dbias: dbias.storage.pointer, into: target)
          }
        }
      }
    }
  }
  return (dx, dweight, dbias)
}
