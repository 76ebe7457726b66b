import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A server on 127.0.0.1 that answers every connection with the next reply of a script.
final class LoopbackServer: @unchecked Sendable {
  /// What to answer a connection.
  struct Reply: Sendable {
    /// The bytes, in the pieces in which they are written.
    var pieces: [[UInt8]]
    /// The wait before each piece, in seconds.
    var pause = 0.0
    /// Whether the connection stays open behind the last piece, without a word, until the client leaves.
    var hangs = false

    /// A complete answer.
    static func answer(
      _ status: Int, _ body: String, type: String = "application/json", headers: [String] = []
    ) -> Reply {
      let head = ["HTTP/1.1 \(status) X", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
      return Reply(
        pieces: [Array(((head + headers + ["Connection: close"]).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)])
    }

    /// The beginning of a stream of events; it ends when the connection does.
    static let streamHead = Array(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8)

    /// A stream, cut into pieces of so many bytes.
    static func stream(_ body: String, pieceLength: Int = .max, hangs: Bool = false) -> Reply {
      let bytes = Array(body.utf8)
      let pieces = stride(from: 0, to: bytes.count, by: min(pieceLength, max(bytes.count, 1))).map { start in
        Array(bytes[start..<min(start + min(pieceLength, bytes.count), bytes.count)])
      }
      return Reply(pieces: [streamHead] + pieces, pause: pieceLength < bytes.count ? 0.002 : 0, hangs: hangs)
    }
  }

  /// The address to give to an endpoint.
  var address: String { "http://127.0.0.1:\(port)" }
  private let listener: Int32
  private let port: UInt16
  private let lock = NSLock()
  /// Guarded by the lock.
  private var script: [Reply]
  /// Guarded by the lock: the requests that came, head and body.
  private var received: [String] = []

  init(_ script: [Reply]) throws {
    self.script = script
    #if canImport(Glibc)
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isReady = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socket in
        bind(listener, socket, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, socket, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isReady else { throw POSIXError(.EADDRNOTAVAIL) }
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0, let self else { return }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The requests so far.
  var requests: [String] { lock.withLock { received } }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var one: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    guard let request = readRequest(connection) else { return }
    let reply = lock.withLock { () -> Reply? in
      received.append(request)
      return script.isEmpty ? nil : script.removeFirst()
    }
    guard let reply else { return }
    for piece in reply.pieces {
      if reply.pause > 0 { usleep(UInt32(reply.pause * 1e6)) }
      guard send(connection, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else { return }
    }
    var byte: UInt8 = 0
    while reply.hangs && recv(connection, &byte, 1, 0) > 0 {}
  }

  /// Head and body of a request with a `Content-Length`.
  private func readRequest(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap { line -> Int? in
          let parts = line.split(separator: ":")
          guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
          return Int(parts[1].trimmingCharacters(in: .whitespaces))
        }
        if text[end.upperBound...].utf8.count >= length.first ?? 0 { return text }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }
}
