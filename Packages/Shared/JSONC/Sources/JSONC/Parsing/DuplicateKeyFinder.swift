import Foundation

/// Finds the first key that is written twice in one object. Slow; used only once it is known that there is one.
struct DuplicateKeyFinder {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func error() -> JSONError {
    var open: [Set<String>] = []
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open.append([])
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let start = index
        index = endOfString(from: start)
        guard isFollowedByColon(index), let key = key(in: start..<index), !open.isEmpty else { continue }
        if !open[open.count - 1].insert(key).inserted {
          return JSONError(
            "the key \"\(key)\" appears twice in one object", at: TextPosition.location(of: start, in: bytes))
        }
        continue
      default: break
      }
      index += 1
    }
    return JSONError("a key appears twice in one object", at: .path(""))
  }

  private func endOfString(from start: Int) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  private func isFollowedByColon(_ end: Int) -> Bool {
    var index = end
    while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
    return index < bytes.count && bytes[index] == UInt8(ascii: ":")
  }

  /// The key with its escapes resolved, by parsing it as a document of its own.
  private func key(in range: Range<Int>) -> String? {
    (try? Parser.parse(UnsafeRawBufferPointer(rebasing: bytes[range]), limits: JSONLimits()))?.stringValue
  }
}
