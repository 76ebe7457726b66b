/// How a kernel of `reduction` weights is cut to the height of a crossbar (section 2.2 of the specification).
///
/// The number of slices is `⌈reduction / rows⌉` either way; balanced slices have all the same length, so that every slice has
/// as few dimensions as possible to approximate with the same basis.
public struct Slicing: Sendable, Hashable, Codable {
  /// Where the cuts are.
  public enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
    /// `⌈reduction / slices⌉` weights each; the last one is padded with zeros.
    case balanced
    /// Full crossbars first, the rest in the last slice.
    case full
  }

  /// Weights per kernel (L).
  public let reduction: Int
  /// Slices per kernel (S).
  public let count: Int
  /// Weights per slice but the last (n).
  public let length: Int

  /// Cuts a kernel.
  /// - Precondition: `reduction` and `rows` are positive.
  public init(reduction: Int, rows: Int, rule: Rule = .balanced) {
    precondition(reduction > 0 && rows > 0, "a slice needs weights and rows, got \(reduction) and \(rows)")
    self.reduction = reduction
    count = (reduction + rows - 1) / rows
    length = rule == .balanced ? (reduction + count - 1) / count : min(rows, reduction)
  }

  /// The weights of one slice, as positions in the flattened `(channel, y, x)` kernel.
  public func range(_ slice: Int) -> Range<Int> {
    let lower = min(slice * length, reduction)
    return lower..<min(lower + length, reduction)
  }
}
