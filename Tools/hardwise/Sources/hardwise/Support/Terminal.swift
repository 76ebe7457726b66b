import Foundation

/// What the tool writes to the two standard streams.
enum Terminal {
  /// Columns of the terminal, 110 when the output is no terminal.
  static var width: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else {
      return 110
    }
    return min(Int(size.ws_col), 160)
  }

  /// Columns of the terminal as they are, 80 when there is none.
  static var columns: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// A piece of output that appears at once, without a line end.
  static func stream(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// One line on standard error, as every failure of the tool reads.
  static func complain(_ message: String) {
    write("hardwise: error: \(message)\n")
  }

  /// A remark that is not part of the result: standard error, so that `--json` output stays clean.
  static func remark(_ message: String) {
    write("hardwise: \(message)\n")
  }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
