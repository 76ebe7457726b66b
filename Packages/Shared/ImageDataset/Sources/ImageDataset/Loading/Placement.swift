import TinyTensor

/// What happens to one image on its way into a batch: the outcome of all random draws.
struct Placement: Sendable, Hashable {
  var dy = 0
  var dx = 0
  var isMirrored = false
  var padding = Augmentation.Padding.zero
  /// Rows and columns that are set to zero after normalisation.
  var cutRows = 0..<0
  var cutColumns = 0..<0

  init(_ view: ImageView) {
    dy = view.dy
    dx = view.dx
    isMirrored = view.isMirrored
    padding = .reflect
  }

  /// The draws for image `index` in `epoch`.
  init(_ augmentation: Augmentation, seed: UInt64, epoch: Int, index: Int, width: Int, height: Int) {
    padding = augmentation.padding
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let perEpoch = Philox.block(
      counter: Self.counter(index: index, epoch: epoch, purpose: Self.movePurpose), key: key)
    let span = 2 * augmentation.cropPadding + 1
    dy = Self.draw(perEpoch.x, below: span) - augmentation.cropPadding
    dx = Self.draw(perEpoch.y, below: span) - augmentation.cropPadding
    switch augmentation.flip {
    case .none: break
    case .random: isMirrored = perEpoch.z & 1 == 1
    case .alternating:
      let first = Philox.block(counter: Self.counter(index: index, epoch: 0, purpose: Self.flipPurpose), key: key)
      isMirrored = (first.x & 1 == 1) != (epoch & 1 == 1)
    }
    if augmentation.cutout > 0 {
      let cut = Philox.block(counter: Self.counter(index: index, epoch: epoch, purpose: Self.cutPurpose), key: key)
      cutRows = Self.cut(augmentation.cutout, center: Self.draw(cut.x, below: height), limit: height)
      cutColumns = Self.cut(augmentation.cutout, center: Self.draw(cut.y, below: width), limit: width)
    }
  }

  private static let movePurpose: UInt32 = 0x6D6F_7665  // "move"
  private static let flipPurpose: UInt32 = 0x666C_6970  // "flip"
  private static let cutPurpose: UInt32 = 0x6375_745F  // "cut_"

  private static func counter(index: Int, epoch: Int, purpose: UInt32) -> SIMD4<UInt32> {
    SIMD4(
      UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), UInt32(truncatingIfNeeded: epoch),
      purpose)
  }

  /// A number from 0 to `bound` − 1 by multiplication; the bias for bounds of a few pixels is below 2⁻²⁵.
  private static func draw(_ word: UInt32, below bound: Int) -> Int { Int((UInt64(word) * UInt64(bound)) >> 32) }

  private static func cut(_ size: Int, center: Int, limit: Int) -> Range<Int> {
    let start = center - size / 2
    return max(start, 0)..<min(start + size, limit)
  }
}
