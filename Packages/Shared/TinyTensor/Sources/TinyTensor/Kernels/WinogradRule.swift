/// Where Winograd's algorithm applies, and where it pays.
enum WinogradRule {
  /// Whether output, input gradient and weight gradient of a geometry can be computed by F(4×4, 3×3).
  static func applies(to g: ConvGeometry) -> Bool {
    g.kernelHeight == 3 && g.kernelWidth == 3 && g.stride == 1 && g.dilation == 1 && g.groups == 1 && g.padding <= 2
      && g.inputChannels >= 8 && g.outputChannels >= 8
  }

  /// Whether it is expected to be faster, by the cycles that both ways take for one image on a core with two multiply-adds of eight
  /// lanes per cycle.
  ///
  /// The direct sum makes one product per channel pair, output and tap inside of the image, at 90 % of the core's limit. Winograd
  /// makes 36 per tile at 80 % (shorter sums), whole tiles even where the image ends, and pays for its transforms: about 200 cycles
  /// for eight input channels of a tile and 130 for eight output channels, measured on Zen 3.
  static func pays(for g: ConvGeometry) -> Bool {
    guard applies(to: g) else { return false }
    // The register tile computes whole groups of 16 output channels, whichever way.
    let products = g.inputChannels * ((g.outputChannels + 15) / 16)
    let direct = taps(g.inputHeight, g.padding) * taps(g.inputWidth, g.padding) * products * 10 / 9
    let grid = WinogradGrid.forward(g)
    let transforms = 200 * ((g.inputChannels + 7) / 8) + 130 * ((g.outputChannels + 7) / 8)
    let winograd = grid.tilesPerImage * (WinogradTransform.products * products * 5 / 4 + transforms)
    return winograd < direct
  }

  /// Whether the weight gradient is computed by Winograd's algorithm: as the output, but not where the 36 sums per filter, read and
  /// written once per block of tiles, no longer fit into the last-level cache.
  static func weightGradientUses(_ algorithm: ConvAlgorithm, _ g: ConvGeometry) -> Bool {
    algorithm.resolved(for: g) == .winograd
      && (algorithm == .winograd || g.inputChannels * g.outputChannels <= 65_536)
  }

  /// Pairs of an output and a tap, along one dimension, that do not meet padding.
  private static func taps(_ size: Int, _ padding: Int) -> Int {
    (0..<size).reduce(0) { total, source in
      // A source position serves the outputs source + padding − 2 … source + padding that exist.
      total + min(source + padding, size + 2 * padding - 3) - max(source + padding - 2, 0) + 1
    }
  }
}
