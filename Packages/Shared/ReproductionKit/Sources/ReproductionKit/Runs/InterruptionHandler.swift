import Dispatch
import Foundation

/// Turns SIGINT and SIGTERM into a raised ``CancellationFlag``; a second signal ends the process at once with status 130.
///
/// The signals are watched as long as the handler lives; ``uninstall()`` gives them back their default meaning.
public final class InterruptionHandler: Sendable {
  /// The flag that a signal raises.
  public let flag: CancellationFlag
  private let sources: Locked<[any DispatchSourceSignal]>

  /// Starts to watch the signals.
  ///
  /// - Parameters:
  ///   - flag: raised by the first signal.
  ///   - signals: the signals to watch.
  ///   - onFirst: called once, on a background thread, after the first signal; by default tells the user on standard error.
  ///   - onSecond: called for every later signal; by default ends the process with status 130.
  public init(
    flag: CancellationFlag = CancellationFlag(), signals: [Int32] = [SIGINT, SIGTERM],
    onFirst: (@Sendable () -> Void)? = nil,
    onSecond: (@Sendable () -> Void)? = nil
  ) {
    self.flag = flag
    let onFirst = onFirst ?? Self.announce
    let onSecond = onSecond ?? { _exit(ExitStatus.interrupted.rawValue) }
    let queue = DispatchQueue(label: "hardwise.interruption")
    sources = Locked(
      signals.map { number in
        // The default action would end the process before the dispatch source hears of the signal.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
          if flag.raise() { onSecond() } else { onFirst() }
        }
        source.resume()
        return source
      })
  }

  deinit {
    uninstall()
  }

  /// Stops watching and restores the signals' default meaning.
  public func uninstall() {
    let watched = sources.withLock { sources in
      defer { sources = [] }
      return sources
    }
    for source in watched {
      source.cancel()
      signal(Int32(source.handle), SIG_DFL)
    }
  }

  @Sendable private static func announce() {
    FileHandle.standardError.write(
      Data("\nstopping at the next safe point; press Ctrl-C again to stop at once\n".utf8))
  }
}
