/// The cache slots that one token attends to: `0..<prefix` and `start..<end`, with `prefix ≤ start ≤ end`.
///
/// Causal attention is `prefix = start = 0, end = own slot + 1`; a token of an independent segment has an empty prefix and starts
/// at its segment; a token of a continuation behind a shared prefix sees the prefix and its own continuation.
struct Visibility: Sendable, Hashable {
  var prefix: Int
  var start: Int
  var end: Int

  /// Everything up to and including the token's own slot.
  static func causal(slot: Int) -> Visibility { Visibility(prefix: 0, start: 0, end: slot + 1) }

  /// Whether any of `slots` is visible.
  @inline(__always)
  func intersects(_ slots: Range<Int>) -> Bool {
    slots.lowerBound < prefix || max(start, slots.lowerBound) < min(end, slots.upperBound)
  }

  /// Whether all of `slots` are visible.
  @inline(__always)
  func contains(_ slots: Range<Int>) -> Bool {
    slots.upperBound <= prefix || (start <= slots.lowerBound && slots.upperBound <= end)
      || (start <= prefix && slots.upperBound <= end)
  }

  /// Whether `slot` is visible.
  @inline(__always)
  func sees(_ slot: Int) -> Bool { slot < prefix || (start <= slot && slot < end) }

  /// One past the last visible slot.
  @inline(__always)
  var limit: Int { max(prefix, end) }
}
