/// The ways to compute a convolution and its gradients.
public enum ConvAlgorithm: String, Sendable, Codable, CaseIterable {
  /// Whatever is expected to be fastest for the geometry; see ``resolved(for:)``.
  case automatic
  /// The sum over all taps and channels, one multiply-add each: every rounding error is that of a plain sum.
  case direct
  /// Winograd's F(4×4, 3×3): a quarter of the multiplications, and rounding errors a few times those of the direct sum (1 to 5 · 10⁻⁶
  /// of the largest output for 16 to 512 channels). Applies to 3×3 kernels with stride 1, dilation 1, one group, padding up to 2
  /// and at least eight channels on either side; any other geometry is computed directly.
  case winograd

  /// The algorithm that is used for a geometry: ``direct`` or ``winograd``, never ``automatic``.
  ///
  /// The answer depends on the layer alone, not on the batch or the machine, so an image's result does not depend on its company.
  public func resolved(for geometry: ConvGeometry) -> ConvAlgorithm {
    switch self {
    case .direct: .direct
    case .winograd: WinogradRule.applies(to: geometry) ? .winograd : .direct
    case .automatic: WinogradRule.pays(for: geometry) ? .winograd : .direct
    }
  }
}
