import TinyTensor

/// A 64-bit checksum at the speed of memory, for noticing damaged cache files (it is no defence against forgery).
///
/// Every 32-bit lane runs `h = (h ^ word) · odd number`, which is a bijection of `h`: a change of one word always changes its
/// lane. Parts of fixed size run in parallel; the result does not depend on the number of threads.
enum PixelChecksum {
  private static let partBytes = 4 << 20
  private static let prime: UInt32 = 0x9E37_79B1

  static func compute(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = bytes.baseAddress else { return 0 }
    let parts = (bytes.count + partBytes - 1) / partBytes
    var sums = [UInt64](repeating: 0, count: parts)
    sums.withUnsafeMutableBufferPointer { buffer in
      guard let sums = buffer.baseAddress else { return }
      parallelFor(parts) { part in
        let start = part * partBytes
        sums[part] = checksum(base + start, count: min(partBytes, bytes.count - start))
      }
    }
    return sums.reduce(UInt64(bytes.count)) { mix($0 ^ $1) }
  }

  private static func checksum(_ base: UnsafeRawPointer, count: Int) -> UInt64 {
    var a = SIMD8<UInt32>(repeating: 1)
    var b = SIMD8<UInt32>(repeating: 2)
    var c = SIMD8<UInt32>(repeating: 3)
    var d = SIMD8<UInt32>(repeating: 4)
    let blocks = count / 128
    for block in 0..<blocks {
      let pointer = base + block * 128
      a = (a ^ pointer.loadUnaligned(as: SIMD8<UInt32>.self)) &* prime
      b = (b ^ pointer.loadUnaligned(fromByteOffset: 32, as: SIMD8<UInt32>.self)) &* prime
      c = (c ^ pointer.loadUnaligned(fromByteOffset: 64, as: SIMD8<UInt32>.self)) &* prime
      d = (d ^ pointer.loadUnaligned(fromByteOffset: 96, as: SIMD8<UInt32>.self)) &* prime
    }
    var sum = UInt64(count)
    for lanes in [a, b, c, d] {
      for lane in lanes.indices { sum = mix(sum ^ UInt64(lanes[lane])) }
    }
    for offset in blocks * 128..<count { sum = mix(sum ^ UInt64(base.load(fromByteOffset: offset, as: UInt8.self))) }
    return sum
  }

  /// The finaliser of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
