/// Softmax over the last dimension, stable for logits of any size.
public func softmax(_ x: Tensor) -> Tensor {
  rowwise(x) { SoftmaxKernel.softmaxRow($0, count: $1, into: $2) }
}

/// The logarithm of the softmax over the last dimension.
public func logSoftmax(_ x: Tensor) -> Tensor {
  rowwise(x) { SoftmaxKernel.logSoftmaxRow($0, count: $1, into: $2) }
}

/// The gradient of `softmax` with respect to its input, from the output `y`: `y ⊙ (dy − Σ dy ⊙ y)` per row.
public func softmaxGradient(_ dy: Tensor, output y: Tensor) -> Tensor {
  precondition(dy.shape == y.shape, "softmaxGradient: \(dy.shape) ≠ \(y.shape)")
  let columns = y.shape.last ?? 1
  return .filled(y.shape) { target in
    withPointers(dy, y) { gradient, output in
      SoftmaxKernel.eachRow(count: y.count, columns: columns) { offset in
        SoftmaxKernel.softmaxGradientRow(gradient + offset, output + offset, count: columns, into: target + offset)
      }
    }
  }
}

/// The gradient of `logSoftmax` with respect to its input, from the output `y`: `dy − exp(y) · Σ dy` per row.
public func logSoftmaxGradient(_ dy: Tensor, output y: Tensor) -> Tensor {
  precondition(dy.shape == y.shape, "logSoftmaxGradient: \(dy.shape) ≠ \(y.shape)")
  let columns = y.shape.last ?? 1
  return .filled(y.shape) { target in
    withPointers(dy, y) { gradient, output in
      SoftmaxKernel.eachRow(count: y.count, columns: columns) { offset in
        SoftmaxKernel.logSoftmaxGradientRow(gradient + offset, output + offset, count: columns, into: target + offset)
      }
    }
  }
}

/// Softmax cross-entropy with label smoothing ε: the target of a row is `(1 − ε) · onehot(label) + ε / classes`.
///
/// - Parameters:
///   - logits: `[rows, classes]`.
///   - labels: one class index per row.
///   - smoothing: ε in `0..<1`.
/// - Returns: the loss of each row `[rows]` and the softmax probabilities `[rows, classes]`.
public func softmaxCrossEntropy(
  _ logits: Tensor, labels: [Int], smoothing: Float = 0
) -> (losses: Tensor, probabilities: Tensor) {
  let (rows, classes) = checkedClasses(logits, labels)
  let losses = Tensor(uninitialized: [rows])
  let probabilities = Tensor.filled(logits.shape) { target in
    logits.withPointer { source in
      let loss = losses.storage.pointer
      SoftmaxKernel.eachRow(count: logits.count, columns: classes) { offset in
        let row = offset / classes
        loss[row] = SoftmaxKernel.crossEntropyRow(
          source + offset, count: classes, label: labels[row], smoothing: smoothing, probabilities: target + offset)
      }
    }
  }
  return (losses, probabilities)
}

/// The gradient of `scale · Σ losses` of `softmaxCrossEntropy` with respect to the logits: `scale · (probabilities − target)`;
/// use `scale = 1 / rows` for the mean.
public func softmaxCrossEntropyGradient(
  probabilities: Tensor, labels: [Int], smoothing: Float = 0, scale: Float = 1
) -> Tensor {
  let (_, classes) = checkedClasses(probabilities, labels)
  let uniform = smoothing / Float(classes)
  return .filled(probabilities.shape) { target in
    probabilities.withPointer { source in
      SoftmaxKernel.eachRow(count: probabilities.count, columns: classes) { offset in
        for column in 0..<classes { target[offset + column] = scale * (source[offset + column] - uniform) }
        target[offset + labels[offset / classes]] -= scale * (1 - smoothing)
      }
    }
  }
}

private func checkedClasses(_ matrix: Tensor, _ labels: [Int]) -> (rows: Int, classes: Int) {
  precondition(matrix.rank == 2, "cross-entropy needs [rows, classes], the shape is \(matrix.shape)")
  let (rows, classes) = (matrix.shape[0], matrix.shape[1])
  precondition(labels.count == rows, "\(labels.count) labels for \(rows) rows")
  precondition(labels.allSatisfy { $0 >= 0 && $0 < classes }, "a label lies outside of 0..<\(classes)")
  return (rows, classes)
}

private func rowwise(
  _ x: Tensor, _ body: (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  let columns = x.shape.last ?? 1
  return .filled(x.shape) { target in
    x.withPointer { source in
      SoftmaxKernel.eachRow(count: x.count, columns: columns) { body(source + $0, columns, target + $0) }
    }
  }
}
