import TinyTensor

/// The arithmetic of one mapped layer: windows of rounded inputs times its kernels.
public protocol WindowProduct: Sendable {
  /// Multiplies.
  /// - Parameters:
  ///   - windows: rounded inputs `[rows, reduction]` of one group, in `(channel, y, x)` order.
  ///   - group: which group's kernels.
  ///   - keys: one number per image, derived from the image, for noise that does not depend on batching or threads.
  /// - Returns: `[rows, kernels per group]` in units of weight × input step, zero point already removed.
  func product(_ windows: Tensor, group: Int, keys: [UInt64]) -> Tensor
  /// Whether ``product(_:group:keys:)`` looks at the keys.
  var needsKeys: Bool { get }
}

extension WindowProduct {
  /// Most products are deterministic.
  public var needsKeys: Bool { false }
}
