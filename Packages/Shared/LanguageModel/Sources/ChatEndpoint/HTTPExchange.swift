import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One request on the wire, its answer handed over as it arrives.
///
/// A watchdog ends it when nothing arrives for too long: the timeouts of URLSession differ between platforms.
final class HTTPExchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  /// What arrives.
  enum Part: Sendable {
    case head(status: Int, headers: [String: String])
    case body(Data)
  }

  private let url: URL
  private let timeout: Double
  private let continuation: AsyncThrowingStream<Part, any Error>.Continuation
  private let lock = NSLock()
  /// Guarded by the lock.
  private var lastArrival = ContinuousClock.now
  /// Guarded by the lock; the first end counts.
  private var isOver = false

  private init(url: URL, timeout: Double, _ continuation: AsyncThrowingStream<Part, any Error>.Continuation) {
    self.url = url
    self.timeout = timeout
    self.continuation = continuation
  }

  /// Sends a request. The stream throws ``EndpointError``; ending its reader ends the connection.
  static func send(_ request: URLRequest, to url: URL, timeout: Double) -> AsyncThrowingStream<Part, any Error> {
    AsyncThrowingStream { continuation in
      let exchange = HTTPExchange(url: url, timeout: timeout, continuation)
      let configuration = URLSessionConfiguration.ephemeral
      // The watchdog is to be first.
      configuration.timeoutIntervalForRequest = timeout + 30
      let session = URLSession(configuration: configuration, delegate: exchange, delegateQueue: nil)
      let task = session.dataTask(with: request)
      let watchdog = Task { await exchange.watch() }
      continuation.onTermination = { _ in
        watchdog.cancel()
        task.cancel()
        session.invalidateAndCancel()
      }
      task.resume()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse {
      var headers: [String: String] = [:]
      for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
      arrived(.head(status: response.statusCode, headers: headers))
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    arrived(.body(data))
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    end(error.map { EndpointError(.connection, url: url, $0.localizedDescription) })
  }

  private func arrived(_ part: Part) {
    lock.withLock { lastArrival = .now }
    continuation.yield(part)
  }

  private func end(_ error: EndpointError?) {
    let isFirst = lock.withLock {
      defer { isOver = true }
      return !isOver
    }
    if isFirst { continuation.finish(throwing: error) }
  }

  /// Ends the exchange when nothing arrived for the timeout.
  private func watch() async {
    while !Task.isCancelled {
      let quiet = lock.withLock { lastArrival }.duration(to: .now)
      let remaining = Duration.seconds(timeout) - quiet
      if remaining <= .zero {
        end(EndpointError(.timeout, url: url, "nothing came for \(timeout) seconds"))
        return
      }
      try? await Task.sleep(for: remaining)
    }
  }
}
