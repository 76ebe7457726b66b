import Testing
import TinyTensor

/// What the comparison with the reference in `ConvolutionTests` does not show: the choice of the algorithm, and its accuracy.
@Suite struct WinogradTests {
  private func layer(_ size: Int, _ channels: Int, out: Int? = nil, batch: Int = 1, padding: Int = 1) throws
    -> ConvGeometry
  {
    try ConvGeometry(
      input: [batch, size, size, channels], weight: [out ?? channels, channels, 3, 3], padding: padding)
  }

  @Test func theChoiceFollowsTheCost() throws {
    for (size, channels) in [(32, 16), (16, 32), (8, 64), (16, 27), (8, 53), (15, 64), (7, 128), (4, 512)] {
      #expect(ConvAlgorithm.automatic.resolved(for: try layer(size, channels)) == .winograd, "\(size) \(channels)")
    }
    // Three input channels do not fill a vector; a tile of 4×4 on one of 2×2 pixels makes more products than the direct sum.
    #expect(ConvAlgorithm.automatic.resolved(for: try layer(32, 3, out: 16)) == .direct)
    #expect(ConvAlgorithm.automatic.resolved(for: try layer(2, 512)) == .direct)
    #expect(ConvAlgorithm.winograd.resolved(for: try layer(2, 512)) == .winograd)
    #expect(ConvAlgorithm.direct.resolved(for: try layer(32, 16)) == .direct)
  }

  @Test func theChoiceDoesNotDependOnTheBatch() throws {
    for (size, channels) in [(2, 64), (3, 128), (8, 64), (32, 8)] {
      let alone = ConvAlgorithm.automatic.resolved(for: try layer(size, channels))
      #expect(ConvAlgorithm.automatic.resolved(for: try layer(size, channels, batch: 500)) == alone)
    }
  }

  @Test func whatWinogradCannotDoIsDirect() throws {
    let others = [
      try ConvGeometry(input: [1, 8, 8, 16], weight: [16, 16, 3, 3], stride: 2, padding: 1),
      try ConvGeometry(input: [1, 8, 8, 16], weight: [16, 16, 3, 3], padding: 2, dilation: 2),
      try ConvGeometry(input: [1, 8, 8, 16], weight: [16, 8, 3, 3], padding: 1, groups: 2),
      try ConvGeometry(input: [1, 8, 8, 16], weight: [16, 16, 5, 5], padding: 2),
      try ConvGeometry(input: [1, 8, 8, 16], weight: [16, 16, 3, 3], padding: 3),
      try layer(8, 7, out: 16), try layer(8, 16, out: 7),
    ]
    for geometry in others {
      #expect(ConvAlgorithm.winograd.resolved(for: geometry) == .direct, "\(geometry)")
      #expect(ConvAlgorithm.automatic.resolved(for: geometry) == .direct, "\(geometry)")
    }
  }

  /// An image's result is the same to the last bit alone and in any batch, wherever block boundaries fall.
  @Test(arguments: [(32, 16), (8, 64), (5, 27)]) func batchesDoNotMatter(_ size: Int, _ channels: Int) throws {
    let g = try layer(size, channels, batch: 11)
    let x = sample(g.inputShape)
    let conv = PackedConv(weight: sample(g.weightShape, "w"), padding: 1, algorithm: .winograd)
    let together = conv(x)
    for image in 0..<11 { #expect(conv(x.slice(image..<image + 1)) == together.slice(image..<image + 1)) }
  }

  /// The documented error: below 10⁻⁵ of the largest output (about ten times that of the direct sum) on normal data.
  @Test(arguments: [16, 64, 256]) func errorsStaySmall(_ channels: Int) throws {
    let g = try layer(8, channels, out: 16)
    var generator = Philox(seed: 5, stream: "winograd")
    let x = Tensor.normal(g.inputShape, using: &generator)
    let w = Tensor.normal(g.weightShape, using: &generator)
    let expected = ReferenceConvolution(g: g).forward(x, w, bias: nil).values
    let largest = expected.map(abs).max() ?? 0
    let error = { (algorithm: ConvAlgorithm) in
      zip(conv2d(x, weight: w, geometry: g, algorithm: algorithm).scalars, expected)
        .map { abs(Double($0) - $1) }.max() ?? .infinity
    }
    #expect(error(.winograd) < 1e-5 * largest)
    #expect(error(.direct) < 2e-6 * largest)
  }

  /// Infinities and NaN reach their own tile and leave all others alone.
  @Test func aBadPixelStaysInItsTile() throws {
    let g = try layer(16, 16)
    var x = sample(g.inputShape)
    let w = sample(g.weightShape, "w")
    let before = conv2d(x, weight: w, geometry: g, algorithm: .winograd)
    x[0, 5, 5, 3] = .nan
    let after = conv2d(x, weight: w, geometry: g, algorithm: .winograd)
    #expect(after[0, 5, 5, 0].isNaN)
    // Tiles begin at multiples of 4 and read one pixel around; pixel 5 belongs to the second tile alone.
    #expect(after[0, 3, 3, 0] == before[0, 3, 3, 0])
    #expect(after.slice(0..<1)[0, 8, 8, 15] == before[0, 8, 8, 15])
  }
}
