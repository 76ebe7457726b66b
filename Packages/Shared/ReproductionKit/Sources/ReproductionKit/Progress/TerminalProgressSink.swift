import Foundation

/// Shows progress on standard error: one line that is rewritten on a terminal, a plain line every few seconds otherwise.
///
/// Standard output is never touched, so `--json` output stays clean.
public final class TerminalProgressSink: ProgressSink {
  private struct Display {
    var clock = ProgressClock()
    var shown: ProgressState?
    var shownAt = -Double.infinity
    var lineIsOpen = false
  }

  private let isTerminal: Bool
  private let width: @Sendable () -> Int
  private let write: @Sendable (String) -> Void
  private let now: @Sendable () -> Double
  private let display = Locked(Display())

  /// A sink on standard error.
  public convenience init() {
    let start = ContinuousClock.now
    self.init(
      isTerminal: isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb",
      width: { Self.terminalWidth() },
      write: { FileHandle.standardError.write(Data($0.utf8)) },
      now: { (ContinuousClock.now - start).seconds })
  }

  /// A sink with explicit surroundings, for tests.
  ///
  /// - Parameters:
  ///   - isTerminal: whether lines can be rewritten.
  ///   - width: columns of the terminal.
  ///   - write: receives the bytes.
  ///   - now: seconds since the start of the run.
  public init(
    isTerminal: Bool, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void,
    now: @escaping @Sendable () -> Double
  ) {
    self.isTerminal = isTerminal
    self.width = width
    self.write = write
    self.now = now
  }

  /// Redraws the line, at most ten times a second; without a terminal writes a line at a new phase and every five seconds.
  public func update(_ state: ProgressState) {
    let seconds = now()
    display.withLock { display in
      display.clock.advance(to: state.fraction, at: seconds)
      let isNewPhase = display.shown?.phases != state.phases
      let pause = isTerminal ? 0.1 : isNewPhase ? 1 : 5
      guard seconds - display.shownAt >= pause || (isTerminal && isNewPhase) else { return }
      display.shown = state
      display.shownAt = seconds
      if isTerminal {
        write("\r\u{1B}[K" + line(state, display.clock.remainingSeconds))
        display.lineIsOpen = true
      } else {
        write(plainLine(state, display.clock.remainingSeconds) + "\n")
      }
    }
  }

  /// Writes a line of its own above the progress line.
  public func message(_ text: String) {
    let seconds = now()
    display.withLock { display in
      let clear = display.lineIsOpen ? "\r\u{1B}[K" : ""
      write(clear + text + "\n")
      display.lineIsOpen = false
      if isTerminal, let state = display.shown {
        write(line(state, display.clock.remainingSeconds))
        display.lineIsOpen = true
        display.shownAt = seconds
      }
    }
  }

  /// Removes the progress line.
  public func finish() {
    display.withLock { display in
      if display.lineIsOpen { write("\r\u{1B}[K") }
      display.lineIsOpen = false
      display.shown = nil
    }
  }

  private func line(_ state: ProgressState, _ remaining: Double?) -> String {
    let cells = 20
    let filled = Int((state.fraction * Double(cells)).rounded(.down))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
    let text = "\(bar) \(plainLine(state, remaining))"
    // A line that wraps could not be rewritten.
    return String(text.prefix(max(10, width() - 1)))
  }

  private func plainLine(_ state: ProgressState, _ remaining: Double?) -> String {
    let percent = String(format: "%3d %%", Int((state.fraction * 100).rounded(.down)))
    let left = remaining.map { ", \(NumberText.duration($0)) left" } ?? ""
    let phases = state.phases.isEmpty ? "" : "  " + state.phases.joined(separator: " › ")
    let detail = state.detail.map { "  \($0)" } ?? ""
    return percent + left + phases + detail
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
