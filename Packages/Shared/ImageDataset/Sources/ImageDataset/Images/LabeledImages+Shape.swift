import TinyTensor

extension LabeledImages {
  /// The same images with three channels; grey levels are repeated.
  public func rgb() -> LabeledImages {
    if channels == 3 { return self }
    return transformed(width: width, height: height, channels: 3) { source, target in
      ResizeKernel.expandGray(source, count: width * height, into: target)
    }
  }

  /// The same images as squares of `size` pixels.
  ///
  /// - Parameters:
  ///   - size: The new width and height.
  ///   - method: Interpolation (default) or a black frame.
  public func resized(to size: Int, method: ResizeMethod = .bilinear) -> LabeledImages {
    precondition(size > 0, "images need at least one pixel")
    if width == size && height == size { return self }
    let plan = ResizeKernel.Plan(width: width, height: height, channels: channels, size: size)
    return transformed(width: size, height: size, channels: channels) { source, target in
      switch method {
      case .bilinear: plan.interpolate(source, into: target)
      case .pad: plan.center(source, into: target)
      }
    }
  }

  func with(_ statistics: Normalization) -> LabeledImages {
    var info = info
    info.mean = statistics.mean
    info.std = statistics.std
    return LabeledImages(info, split: split, labels: labels, storage: storage, positions: positions)
  }

  /// New pixels for every image; the means and deviations are taken over (repeated when grey becomes RGB).
  private func transformed(
    width: Int, height: Int, channels: Int, _ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
  ) -> LabeledImages {
    var info = info
    info.width = width
    info.height = height
    info.channels = channels
    if channels != self.channels {
      info.mean = [Float](repeating: mean[0], count: channels)
      info.std = [Float](repeating: std[0], count: channels)
    }
    let size = info.bytesPerImage
    let storage = PixelStorage(count: count * size) { bytes in
      guard let base = bytes.baseAddress else { return }
      parallelFor(count) { index in body(pointer(to: index), base + index * size) }
    }
    return LabeledImages(info, split: split, labels: labels, storage: storage)
  }
}
