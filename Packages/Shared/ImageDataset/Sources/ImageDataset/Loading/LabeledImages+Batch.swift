import TinyTensor

extension LabeledImages {
  /// The images at `indices`, normalised, without augmentation.
  ///
  /// - Parameters:
  ///   - indices: Which images, in this order.
  ///   - normalization: By default the statistics of the training split.
  ///   - view: A fixed shift or reflection, for averaging predictions over several views.
  public func batch(_ indices: [Int], normalization: Normalization? = nil, view: ImageView = .plain) -> Batch {
    let assembler = BatchAssembler(images: self, normalization: normalization ?? self.normalization)
    return assembler.batch(indices, isParallel: true) { _ in Placement(view) }
  }

  /// The images in `range`, normalised, without augmentation.
  public func batch(_ range: Range<Int>, normalization: Normalization? = nil, view: ImageView = .plain) -> Batch {
    batch(Array(range), normalization: normalization, view: view)
  }
}
