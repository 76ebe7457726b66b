import Foundation

/// The terminal without line discipline: bytes come as they are typed, nothing is echoed.
///
/// A terminal's own line editing cuts lines at 4096 bytes, too short for pasted documents.
final class RawTerminal {
  private var original: termios
  /// The settings that a signal handler restores: written once, before the handler is installed.
  nonisolated(unsafe) private static var settingsBefore = termios()

  /// Takes over the terminal on standard input; nil if there is none.
  init?() {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    original = settings
    Self.settingsBefore = settings
    for number in [SIGTERM, SIGHUP] { signal(number, Self.giveBack) }
    set(signals: true)
    // Terminals that know it mark pasted text (bracketed paste).
    Terminal.stream("\u{1b}[?2004h")
  }

  /// Gives the terminal back as it was.
  func restore() {
    Terminal.stream("\u{1b}[?2004l")
    tcsetattr(STDIN_FILENO, TCSADRAIN, &original)
    for number in [SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
  }

  /// Ends the process as the signal asks, with the terminal as it was.
  private static let giveBack: @convention(c) (Int32) -> Void = { number in
    tcsetattr(STDIN_FILENO, TCSANOW, &settingsBefore)
    signal(number, SIG_DFL)
    raise(number)
  }

  /// Whether Ctrl-C is a signal (while the model answers) or a byte like any other (at the prompt).
  func set(signals: Bool) {
    var settings = original
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
    if !signals { settings.c_lflag &= ~tcflag_t(ISIG) }
    settings.c_iflag &= ~tcflag_t(IXON)
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
  }

  /// Waits for input; empty at its end.
  func readInput() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count >= 0 { return Array(buffer[..<count]) }
      if errno != EINTR { return [] }
    }
  }

  /// Whether more input comes within so many milliseconds.
  func hasInput(within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0
  }
}
