import ImageDataset
import TinyTensor

extension InferenceEngine {
  /// Classifies a labelled set.
  /// - Parameters:
  ///   - images: the set; labels must be below ``classes``.
  ///   - normalization: the network's input scaling (see the checkpoint's documentation).
  ///   - batchSize: images per pass; does not change the result.
  ///   - augmentation: views averaged per image.
  ///   - limit: only the first so many images.
  ///   - isCancelled: asked after each batch; the evaluation so far is returned.
  /// - Throws: ``NetworkError/invalidBatch(expected:got:)`` for images of another size, or
  ///   ``NetworkError/invalidTraining(_:)`` for labels out of range.
  public func evaluate(
    _ images: LabeledImages, normalization: Normalization, batchSize: Int = 128,
    augmentation: TestTimeAugmentation = .none, limit: Int? = nil, isCancelled: () -> Bool = { false }
  ) throws(NetworkError) -> Evaluation {
    try images.check(fits: inputShape, classes: classes)
    var evaluation = Evaluation(classes: classes)
    let count = min(limit ?? images.count, images.count)
    var start = 0
    while start < count, !isCancelled() {
      let range = start..<min(start + max(batchSize, 1), count)
      let labels = Array(images.labels[range])
      let logits = try averagedLogits(images, range, normalization, augmentation)
      let losses = softmaxCrossEntropy(logits, labels: labels).losses
      for (row, predicted) in logits.argmaxRows().enumerated() {
        evaluation.record(label: labels[row], predicted: predicted, loss: Double(losses[row]))
      }
      start = range.upperBound
    }
    return evaluation
  }

  /// Mean logits of a range of images over the views of a test-time augmentation, `[count, classes]`.
  private func averagedLogits(
    _ images: LabeledImages, _ range: Range<Int>, _ normalization: Normalization, _ augmentation: TestTimeAugmentation
  ) throws(NetworkError) -> Tensor {
    var sum = Tensor(zeros: [range.count, classes])
    for (view, weight) in augmentation.views {
      let logits = try logits(images.batch(range, normalization: normalization, view: view).images)
      if weight == 1 { return logits }
      sum.add(logits, scaledBy: weight)
    }
    return sum
  }
}

extension LabeledImages {
  /// Checks size and labels against a network.
  func check(fits inputShape: [Int], classes: Int) throws(NetworkError) {
    guard [height, width, channels] == inputShape else {
      throw .invalidBatch(expected: inputShape, got: [count, height, width, channels])
    }
    if let index = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw .invalidTraining(
        "image \(index) of \(name) has label \(labels[index]), but the network has \(classes) classes; use a network for "
          + "\(self.classes.count) classes")
    }
  }
}
