import TinyTensor

extension Array {
  /// Fisher–Yates, spelled out so that the order is the same in every version of the standard library.
  mutating func fisherYates(using random: inout Philox) {
    guard count > 1 else { return }
    for last in stride(from: count - 1, to: 0, by: -1) { swapAt(last, random.next(below: last + 1)) }
  }
}
