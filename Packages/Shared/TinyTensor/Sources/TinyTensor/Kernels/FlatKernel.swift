/// Plain passes over flat buffers.
enum FlatKernel {
  static func fill(_ target: UnsafeMutablePointer<Float>, with value: Float, count: Int) {
    parallelRanges(count, grain: 1 << 17) { range in
      (target + range.lowerBound).update(repeating: value, count: range.count)
    }
  }
}
