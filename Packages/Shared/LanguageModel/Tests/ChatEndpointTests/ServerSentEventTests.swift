import ChatEndpoint
import Testing

@Suite("Server-sent events")
struct ServerSentEventTests {
  private func parse(_ text: String, pieceLength: Int) -> [String] {
    var parser = ServerSentEvents()
    var events: [[UInt8]] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieceLength) {
      events += parser.append(bytes[start..<min(start + pieceLength, bytes.count)])
    }
    return events.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("events are the same however the bytes are cut, with every kind of line end", arguments: ["\n", "\r\n", "\r"])
  func cuts(end: String) {
    let lines = [
      "\u{feff}: a comment", "data: {\"a\": \"ü😀\"}", "", "event: note", "id: 7", "data:one", "data: two", "data",
      "data:  x",
      "", "", "retry: 10", "data: [DONE]", "", "data: never ended",
    ]
    let text = lines.joined(separator: end)
    for length in 1...24 {
      #expect(parse(text, pieceLength: length) == ["{\"a\": \"ü😀\"}", "one\ntwo\n\n x", "[DONE]"], "\(length)")
    }
  }

  @Test("fields that only begin like data, and events without data, are no events")
  func others() {
    #expect(parse("database: x\n\nevent: ping\n\n\n:\n\n", pieceLength: 3) == [])
    #expect(parse("data:\n\n", pieceLength: 1) == [""])
  }
}
