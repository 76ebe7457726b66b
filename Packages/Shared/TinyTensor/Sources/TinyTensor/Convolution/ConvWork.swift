/// What the kernels of this build do for one image of a convolution's forward pass: the quantities that its time is made of.
///
/// The multiply-accumulates of the definition say little about time: register tiles compute whole panels of output channels,
/// whichever exist, and Winograd's algorithm trades products for transforms.
public struct ConvWork: Sendable, Hashable {
  /// Multiply-adds, idle lanes of the register tile included.
  public let products: Int
  /// Output values stored, idle lanes included.
  public let outputs: Int
  /// Values that Winograd's transforms of inputs and outputs read and write, in whole vectors; 0 for the direct sum.
  public let transformed: Int
  /// Numbers of the packed weights: those of Winograd's transform are 36 per filter, not 9.
  public let packedWeights: Int

  /// Counts the work of a geometry; its batch does not matter.
  public init(_ geometry: ConvGeometry, algorithm: ConvAlgorithm = .automatic) {
    let g = geometry
    let width = KernelChoice.panelWidth(targets: g.outputChannels / g.groups)
    let lanes = (g.outputChannels / g.groups + width - 1) / width * width * g.groups
    outputs = g.outputHeight * g.outputWidth * lanes
    guard algorithm.resolved(for: g) == .winograd else {
      packedWeights = g.kernelHeight * g.kernelWidth * (g.inputChannels / g.groups) * lanes
      products = g.outputHeight * g.outputWidth * packedWeights
      transformed = 0
      return
    }
    let tiles = WinogradGrid.forward(g).tilesPerImage
    let vectors = { (channels: Int) in (channels + 7) / 8 * 8 }
    packedWeights = WinogradTransform.products * g.inputChannels * lanes
    products = tiles * packedWeights
    transformed = tiles * WinogradTransform.products * (vectors(g.inputChannels) + vectors(g.outputChannels))
  }
}
