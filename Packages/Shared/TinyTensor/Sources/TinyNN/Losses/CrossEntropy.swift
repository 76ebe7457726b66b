import TinyTensor

/// Softmax cross-entropy, with PyTorch's definitions of label smoothing and class weights.
///
/// The target distribution of a row is `(1 − smoothing) · onehot(label) + smoothing / classes`; class `c` counts with its weight.
/// The mean divides by the sum of the weights of the labels. Exact for logits of any size.
///
/// - Parameters:
///   - logits: `[rows, classes]`.
///   - labels: one class per row; labels that come from outside must be checked by the caller.
///   - smoothing: in `0..<1`; needs at least two classes.
///   - classWeights: one weight per class; all 1 if absent.
///   - ignoredLabel: rows with this label (padding) have no loss and no gradient.
///   - reduction: mean or sum over rows.
/// - Returns: a scalar.
public func crossEntropy(
  _ logits: Variable, labels: [Int], smoothing: Float = 0, classWeights: [Float]? = nil, ignoredLabel: Int? = nil,
  reduction: Reduction = .mean
) -> Variable {
  precondition(logits.shape.count == 2, "crossEntropy needs [rows, classes], the shape is \(logits.shape)")
  let classes = logits.shape[1]
  precondition(labels.count == logits.shape[0], "crossEntropy: \(labels.count) labels for \(logits.shape[0]) rows")
  precondition(
    labels.allSatisfy { ($0 >= 0 && $0 < classes) || $0 == ignoredLabel }, "a label lies outside of 0..<\(classes)")
  precondition(smoothing >= 0 && smoothing < 1, "crossEntropy: smoothing \(smoothing) is outside of 0..<1")
  precondition(smoothing == 0 || classes > 1, "label smoothing needs at least two classes")
  precondition(classWeights == nil || classWeights?.count == classes, "crossEntropy: one weight per class (\(classes))")
  let kernel = CrossEntropyKernel(
    labels: labels, classes: classes, smoothing: smoothing, classWeights: classWeights ?? [],
    ignoredLabel: ignoredLabel)
  var probabilities = Tensor(uninitialized: logits.shape)
  let total = kernel.forward(logits.value, probabilities: &probabilities)
  let divisor = reduction == .mean ? kernel.weightSum : 1
  return Variable.result("crossEntropy", logits, Tensor(scalar: Float(total / divisor))) { [probabilities] gradient in
    var result = probabilities
    kernel.backward(&result, scale: gradient.item / Float(divisor))
    return result
  }
}

/// The Kullback–Leibler divergence of a student from a teacher, both as logits softened by a temperature T:
/// `T² / rows · Σ p_teacher · (log p_teacher − log p_student)` with `p = softmax(logits / T)`.
///
/// The factor T² keeps gradients comparable over temperatures (Hinton et al., 2015).
/// - Parameters:
///   - student: logits `[rows, classes]`, differentiated.
///   - teacher: logits `[rows, classes]`, constant.
public func klDivergence(student: Variable, teacher: Tensor, temperature: Float = 1) -> Variable {
  precondition(
    student.shape.count == 2 && student.shape == teacher.shape,
    "klDivergence needs equal shapes [rows, classes], got \(student.shape) and \(teacher.shape)")
  precondition(temperature > 0, "klDivergence needs a positive temperature, got \(temperature)")
  let target = TinyTensor.logSoftmax(teacher * (1 / temperature))
  let estimate = TinyTensor.logSoftmax(student.value * (1 / temperature))
  let scale = temperature * temperature / Float(max(1, student.shape[0]))
  let terms = target.zipLanes(estimate) { logP, logQ in
    let p = VectorMath.exp(logP)
    return (p * (logP - logQ)).replacing(with: 0, where: p .== 0)
  }
  return Variable.result("klDivergence", student, Tensor(scalar: Float(terms.preciseSum()) * scale)) { gradient in
    let factor = gradient.item * scale / temperature
    return estimate.zipLanes(target) { factor * (VectorMath.exp($0) - VectorMath.exp($1)) }
  }
}
