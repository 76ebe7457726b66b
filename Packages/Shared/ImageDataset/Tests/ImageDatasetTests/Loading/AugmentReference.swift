import ImageDataset
import TinyTensor

/// Augmentation written down slowly, in Double and straight from its definition.
struct AugmentReference {
  let images: LabeledImages
  let normalization: Normalization
  let augmentation: Augmentation
  let seed: UInt64
  let epoch: Int

  func image(_ index: Int) -> [Double] {
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    func draws(_ epoch: Int, _ purpose: String) -> SIMD4<UInt32> {
      let tag = purpose.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return Philox.block(counter: SIMD4(UInt32(index), 0, UInt32(epoch), tag), key: key)
    }
    func draw(_ word: UInt32, _ bound: Int) -> Int { Int(Double(word) / 4_294_967_296 * Double(bound)) }

    let move = draws(epoch, "move")
    let padding = augmentation.cropPadding
    let dy = draw(move.x, 2 * padding + 1) - padding
    let dx = draw(move.y, 2 * padding + 1) - padding
    let isMirrored =
      switch augmentation.flip {
      case .none: false
      case .random: move.z % 2 == 1
      case .alternating: (Int(draws(0, "flip").x % 2) + epoch) % 2 == 1
      }
    var result = view(index, dy: dy, dx: dx, isMirrored: isMirrored, padding: augmentation.padding)
    if augmentation.cutout > 0 {
      let cut = draws(epoch, "cut_")
      let top = draw(cut.x, images.height) - augmentation.cutout / 2
      let left = draw(cut.y, images.width) - augmentation.cutout / 2
      for y in 0..<images.height where y >= top && y < top + augmentation.cutout {
        for x in 0..<images.width where x >= left && x < left + augmentation.cutout {
          for channel in 0..<images.channels { result[(y * images.width + x) * images.channels + channel] = 0 }
        }
      }
    }
    return result
  }

  func view(_ index: Int, dy: Int, dx: Int, isMirrored: Bool, padding: Augmentation.Padding) -> [Double] {
    let pixels = images.pixels(of: index)
    func fold(_ position: Int, _ limit: Int) -> Int? {
      if (0..<limit).contains(position) { return position }
      if padding == .zero { return nil }
      if limit == 1 { return 0 }
      return position < 0 ? fold(-position, limit) : fold(2 * (limit - 1) - position, limit)
    }
    var result: [Double] = []
    for y in 0..<images.height {
      for x in 0..<images.width {
        let column = isMirrored ? images.width - 1 - x : x
        for channel in 0..<images.channels {
          var level = 0.0
          if let row = fold(y + dy, images.height), let column = fold(column + dx, images.width) {
            level = Double(pixels[(row * images.width + column) * images.channels + channel])
          }
          result.append((level / 255 - Double(normalization.mean[channel])) / Double(normalization.std[channel]))
        }
      }
    }
    return result
  }
}
