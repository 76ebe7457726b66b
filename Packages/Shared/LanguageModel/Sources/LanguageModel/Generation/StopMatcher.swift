/// Holds back text that may be the beginning of a stop string.
struct StopMatcher: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []

  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty } }

  /// Adds text; returns what is certain to be output now, and whether a stop string was found (the text ends before it).
  mutating func append(_ text: String) -> (text: String, isStopped: Bool) {
    if stops.isEmpty { return (text, false) }
    held += Array(text.utf8)
    var first: Int?
    for stop in stops {
      if let place = Self.find(stop, in: held), place < first ?? Int.max { first = place }
    }
    if let first {
      defer { held = [] }
      return (String(decoding: held[..<first], as: UTF8.self), true)
    }
    let keep = stops.map { Self.overlap(of: held, with: $0) }.max() ?? 0
    defer { held.removeFirst(held.count - keep) }
    return (String(decoding: held.dropLast(keep), as: UTF8.self), false)
  }

  /// The text that was held back, at the end.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  private static func find(_ stop: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= stop.count else { return nil }
    return (0...text.count - stop.count).first { text[$0..<$0 + stop.count].elementsEqual(stop) }
  }

  /// The length of the longest end of `text` that is a beginning of `stop`.
  private static func overlap(of text: [UInt8], with stop: [UInt8]) -> Int {
    var length = min(text.count, stop.count - 1)
    while length > 0 && !text.suffix(length).elementsEqual(stop.prefix(length)) { length -= 1 }
    return length
  }
}
