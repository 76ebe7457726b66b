import TinyTensor

/// Fills tensors with normalised images.
struct BatchAssembler: Sendable {
  let images: LabeledImages
  let kernel: AugmentKernel

  init(images: LabeledImages, normalization: Normalization) {
    self.images = images
    kernel = AugmentKernel(
      width: images.width, height: images.height, channels: images.channels, normalization: normalization)
  }

  func batch(_ indices: [Int], isParallel: Bool, placement: (Int) -> Placement) -> Batch {
    precondition(
      indices.allSatisfy(images.labels.indices.contains), "a batch asks for images outside 0..<\(images.count)")
    var tensor = Tensor(uninitialized: [indices.count, images.height, images.width, images.channels])
    tensor.withUnsafeMutableBufferPointer { scalars in
      guard let base = scalars.baseAddress, !indices.isEmpty else { return }
      func fill(_ slot: Int) {
        let index = indices[slot]
        kernel.apply(placement(index), to: images.pointer(to: index), into: base + slot * kernel.scalarsPerImage)
      }
      if isParallel {
        parallelFor(indices.count, fill)
      } else {
        for slot in indices.indices { fill(slot) }
      }
    }
    return Batch(images: tensor, labels: indices.map { images.labels[$0] }, indices: indices)
  }
}
