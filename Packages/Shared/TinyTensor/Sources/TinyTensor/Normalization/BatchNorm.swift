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

/// `activation((x − mean) · inverseStandardDeviation · weight + bias + residual)`, per channel of the last dimension, in one pass
/// over memory.
public func batchNormApply(
  _ x: Tensor, mean: Tensor, inverseStandardDeviation: Tensor, weight: Tensor? = nil, bias: Tensor? = nil,
  activation: FusedActivation = .identity, adding residual: Tensor? = nil
) -> Tensor {
  let channels = x.shape.last ?? 1
  checkBatchNorm(x, [mean, inverseStandardDeviation, weight, bias], residual)
  return .filled(x.shape) { target in
    guard x.count > 0 else { return }
    let pattern = ChannelPattern(channels: channels)
    withPointers(mean, inverseStandardDeviation) { mean, inverse in
      withOptionalPointers(weight, bias) { weight, bias in
        BatchNormAffine.with(pattern, mean: mean, inverse: inverse, weight: weight, bias: bias) { scale, shift in
          x.withPointer { source in
            withOptionalPointer(residual) { residual in
              BatchNormKernel.apply(
                activation, source, rows: x.count / channels, pattern, scale: scale, shift: shift, residual: residual,
                into: target)
            }
          }
        }
      }
    }
  }
}

/// What ``batchNormGradient(_:x:mean:inverseStandardDeviation:weight:bias:activation:adding:isTraining:)`` returns beside the
/// gradient of the input.
public struct BatchNormGradients: Sendable {
  /// The gradient of the scale, `[channels]`, summed in fixed chunks.
  public let weight: Tensor
  /// The gradient of the shift, `[channels]`, summed in fixed chunks.
  public let bias: Tensor
  /// The gradient of what was added, if anything was, in its shape.
  public let residual: Tensor?
}

/// Turns the gradient of batch normalisation's output into that of its input, in place if its storage is not shared.
///
/// The other arguments are those of ``batchNormApply(_:mean:inverseStandardDeviation:weight:bias:activation:adding:)`` in the forward
/// pass.
/// - Parameters:
///   - gradient: of the output; on return that of `x`.
///   - isTraining: whether mean and variance were those of `x`, so that gradients flow through them; otherwise they are constants.
/// - Returns: the gradients of weight, bias and residual.
public func batchNormGradient(
  _ gradient: inout Tensor, x: Tensor, mean: Tensor, inverseStandardDeviation: Tensor, weight: Tensor? = nil,
  bias: Tensor? = nil, activation: FusedActivation = .identity, adding residual: Tensor? = nil, isTraining: Bool = true
) -> BatchNormGradients {
  precondition(gradient.shape == x.shape, "batchNormGradient: gradient \(gradient.shape) ≠ input \(x.shape)")
  checkBatchNorm(x, [mean, inverseStandardDeviation, weight, bias], residual)
  let channels = x.shape.last ?? 1
  let dweight = Tensor(uninitialized: [channels])
  let dbias = Tensor(uninitialized: [channels])
  var residualGradient: Tensor?
  withPointers(mean, inverseStandardDeviation) { mean, inverse in
    withOptionalPointers(weight, bias) { weight, bias in
      withOptionalPointer(residual) { residual in
        x.withPointer { source in
          let kernel = BatchNormGradientKernel(
            x: source, residual: residual, rows: channels == 0 ? 0 : x.count / channels, channels: channels, mean: mean,
            inverse: inverse, weight: weight, bias: bias, isTraining: isTraining)
          let (dw, db) = (dweight.storage.pointer, dbias.storage.pointer)
          gradient.withUnsafeMutableBufferPointer { buffer in
            guard let pointer = buffer.baseAddress else { return }
            kernel.pullBack(activation, pointer, dweight: dw, dbias: db)
            if residual == nil { kernel.inputGradient(pointer, dweight: dw, dbias: db, into: pointer) }
          }
          guard residual != nil else { return }
          // The gradient of the sum is that of the residual too, and must stay.
          let sumGradient = gradient
          gradient = .filled(x.shape) { target in
            sumGradient.withPointer { kernel.inputGradient($0, dweight: dw, dbias: db, into: target) }
          }
          residualGradient = sumGradient
        }
      }
    }
  }
  return BatchNormGradients(weight: dweight, bias: dbias, residual: residualGradient)
}

private func checkBatchNorm(_ x: Tensor, _ vectors: [Tensor?], _ residual: Tensor?) {
  let channels = x.shape.last ?? 1
  for vector in vectors {
    precondition(vector == nil || vector?.count == channels, "batch norm: one value per channel (\(channels))")
  }
  precondition(residual == nil || residual?.shape == x.shape, "batch norm: the residual has another shape than x")
}
