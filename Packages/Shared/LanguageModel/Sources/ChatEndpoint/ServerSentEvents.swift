/// Reads a stream of server-sent events (WHATWG HTML, section 9.2.6) from bytes that arrive in pieces of any size.
///
/// ```swift
/// var parser = ServerSentEvents()
/// for chunk in chunks {
///   for data in parser.append(chunk) { handle(data) }
/// }
/// ```
///
/// Only the data of events is kept: chat servers use neither event names nor identifiers.
public struct ServerSentEvents: Sendable {
  /// The line that is arriving.
  private var line: [UInt8] = []
  /// The data lines of the event that is arriving.
  private var data: [UInt8]?
  /// Whether the last byte was a carriage return, whose line feed belongs to it.
  private var endedInReturn = false
  private var isFirstLine = true

  /// A parser at the beginning of a stream.
  public init() {}

  /// Takes the next bytes; returns the data of the events that are complete now, in UTF-8.
  public mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
    var events: [[UInt8]] = []
    for byte in bytes {
      defer { endedInReturn = byte == UInt8(ascii: "\r") }
      switch byte {
      case UInt8(ascii: "\n") where endedInReturn: break
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): if let event = endLine() { events.append(event) }
      default: line.append(byte)
      }
    }
    return events
  }

  /// Takes the line; returns the event that an empty line ends.
  private mutating func endLine() -> [UInt8]? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    }
    if line.isEmpty {
      defer { data = nil }
      return data
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    guard line[..<colon].elementsEqual("data".utf8) else { return nil }
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
    return nil
  }
}
