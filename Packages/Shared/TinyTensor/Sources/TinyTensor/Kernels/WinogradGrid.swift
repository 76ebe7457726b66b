/// The tiles of a 3×3 stride-1 convolution: 4×4 outputs each, from 6×6 inputs that overlap by two.
///
/// Tiles are numbered through the whole batch, image by image and row by row, so a block of them may begin and end anywhere.
struct WinogradGrid {
  let batch: Int
  // The image that is read.
  let sourceHeight: Int
  let sourceWidth: Int
  let sourceChannels: Int
  let padding: Int
  // The image that is written.
  let targetHeight: Int
  let targetWidth: Int
  let targetChannels: Int
  let tilesDown: Int
  let tilesAcross: Int

  /// A tile's place.
  struct Tile {
    let image: Int
    /// First output row and column.
    let row: Int
    let column: Int
  }

  private init(
    batch: Int, source: (height: Int, width: Int, channels: Int), target: (height: Int, width: Int, channels: Int),
    padding: Int
  ) {
    self.batch = batch
    (sourceHeight, sourceWidth, sourceChannels) = source
    (targetHeight, targetWidth, targetChannels) = target
    self.padding = padding
    tilesDown = (target.height + WinogradTransform.outputSide - 1) / WinogradTransform.outputSide
    tilesAcross = (target.width + WinogradTransform.outputSide - 1) / WinogradTransform.outputSide
  }

  /// Reads the input, writes the output.
  static func forward(_ g: ConvGeometry) -> WinogradGrid {
    WinogradGrid(
      batch: g.batch, source: (g.inputHeight, g.inputWidth, g.inputChannels),
      target: (g.outputHeight, g.outputWidth, g.outputChannels), padding: g.padding)
  }

  /// Reads the output's gradient, writes the input's: a convolution with the filter turned by 180° and the padding that makes the
  /// sizes fit. `nil` where that padding would be negative.
  static func inputGradient(_ g: ConvGeometry) -> WinogradGrid? {
    guard g.padding <= 2 else { return nil }
    return WinogradGrid(
      batch: g.batch, source: (g.outputHeight, g.outputWidth, g.outputChannels),
      target: (g.inputHeight, g.inputWidth, g.inputChannels), padding: 2 - g.padding)
  }

  var tilesPerImage: Int { tilesDown * tilesAcross }
  var tiles: Int { batch * tilesPerImage }

  @inline(__always)
  func tile(_ index: Int) -> Tile {
    let (image, place) = index.quotientAndRemainder(dividingBy: tilesPerImage)
    let (down, across) = place.quotientAndRemainder(dividingBy: tilesAcross)
    return Tile(
      image: image, row: down * WinogradTransform.outputSide, column: across * WinogradTransform.outputSide)
  }
}
