import Dispatch
import Foundation

/// Turns SIGINT and SIGTERM into a raised ``CancellationFlag``; a second signal ends the process at once with status 130.
///
/// The signals are watched as long as the handler lives; ``uninstall()`` gives them back their default meaning. There is one
/// handler at a time in a process.
public final class InterruptionHandler: Sendable {
  /// The flag that a signal raises.
  public let flag: CancellationFlag
  private let signals: [Int32]
  private let source: Locked<(any DispatchSourceRead)?>

  /// Starts to watch the signals.
  ///
  /// - Parameters:
  ///   - flag: raised by the first signal.
  ///   - signals: the signals to watch.
  ///   - onFirst: called once, on a background thread, after the first signal; by default tells the user on standard error.
  ///   - onSecond: called for every later signal; by default ends the process with status 130.
  public init(
    flag: CancellationFlag = CancellationFlag(), signals: [Int32] = [SIGINT, SIGTERM],
    onFirst: @escaping @Sendable () -> Void = { InterruptionHandler.announce() },
    onSecond: @escaping @Sendable () -> Void = { _exit(ExitStatus.interrupted.rawValue) }
  ) {
    self.flag = flag
    self.signals = signals
    guard let descriptor = SignalPipe.open() else {
      source = Locked(nil)
      return
    }
    let source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor, queue: DispatchQueue(label: "hardwise.interruption", qos: .userInteractive))
    source.setEventHandler {
      for _ in 0..<SignalPipe.drain(descriptor) {
        if flag.raise() { onSecond() } else { onFirst() }
      }
    }
    source.resume()
    self.source = Locked(source)
    for number in signals { signal(number, SignalPipe.forward) }
  }

  deinit {
    uninstall()
  }

  /// Stops watching and restores the signals' default meaning.
  public func uninstall() {
    let watched = source.withLock { source in
      defer { source = nil }
      return source
    }
    guard let watched else { return }
    for number in signals { signal(number, SIG_DFL) }
    watched.cancel()
  }

  /// Says on standard error that the run stops at the next safe point.
  public static func announce() {
    FileHandle.standardError.write(
      Data("\nstopping at the next safe point; press Ctrl-C again to stop at once\n".utf8))
  }
}

/// The way out of a signal handler: it may do no more than write a byte to a pipe.
///
/// A dispatch source on the signal itself would not do: it needs the signal blocked in every thread, and worker threads that
/// do not block it swallow the signal.
private enum SignalPipe {
  private struct Ends {
    var reading: Int32
    var writing: Int32
  }

  /// Made once and kept: a signal may arrive at any time. Never written again, hence safe to read in a handler.
  private static let ends: Ends? = {
    var descriptors: [Int32] = [-1, -1]
    guard pipe(&descriptors) == 0 else { return nil }
    for descriptor in descriptors {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return Ends(reading: descriptors[0], writing: descriptors[1])
  }()

  /// The end to watch; `nil` when the system has no more descriptors.
  static func open() -> Int32? { ends?.reading }

  /// The signal handler.
  static let forward: @convention(c) (Int32) -> Void = { number in
    var byte = UInt8(truncatingIfNeeded: number)
    if let ends = SignalPipe.ends { _ = write(ends.writing, &byte, 1) }
  }

  /// Takes the bytes that wait; returns their number.
  static func drain(_ descriptor: Int32) -> Int {
    var bytes = [UInt8](repeating: 0, count: 16)
    return max(0, read(descriptor, &bytes, bytes.count))
  }
}
