import Foundation

/// Messages from a terminal: backspace, Ctrl-W and Ctrl-U delete; pasted text may have any length and any number of lines.
///
/// A paste never sends itself: it waits for Enter behind it. Terminals that mark pastes are believed; in others, a line break with
/// more input right behind it belongs to a paste.
final class LineEditor: ChatInputSource {
  private enum Key {
    static let interrupt: UInt8 = 3
    static let end: UInt8 = 4
    static let clear: UInt8 = 21
    static let word: UInt8 = 23
    static let escape: UInt8 = 27
    static let backspaces: Set<UInt8> = [8, 127]
    static let enters: Set<UInt8> = [10, 13]
  }

  /// How long a line break waits for more input before it counts as Enter, in milliseconds.
  private static let pasteGap: Int32 = 25
  private static let pasteStart = Array("[200~".utf8)
  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  private let terminal: RawTerminal
  /// Bytes that were read and not looked at yet.
  private var input: ArraySlice<UInt8> = []
  private var message = EditedMessage()
  private var prompt = ""

  init(_ terminal: RawTerminal) { self.terminal = terminal }

  func next(prompt: String) -> ChatInput {
    terminal.set(signals: false)
    defer { terminal.set(signals: true) }
    self.prompt = prompt
    message.clear()
    Terminal.stream(prompt)
    while let byte = nextByte() {
      switch byte {
      case Key.interrupt:
        Terminal.stream("^C\n")
        if message.isEmpty { return .interrupted }
        message.clear()
        Terminal.stream(prompt)
      case Key.end: if message.isEmpty { return leave() }
      case Key.clear: redraw { $0.clear() }
      case Key.word: redraw { $0.deleteWord() }
      case _ where Key.backspaces.contains(byte): redraw { $0.deleteLast() }
      case Key.escape: readEscape()
      case _ where Key.enters.contains(byte):
        if input.isEmpty && !terminal.hasInput(within: Self.pasteGap) {
          Terminal.stream("\n")
          return .message(message.text)
        }
        readUnmarkedPaste()
      case 0..<32 where byte != 9: break
      default: Terminal.stream(message.type(character(from: byte)))
      }
    }
    return leave()
  }

  private func leave() -> ChatInput {
    Terminal.stream("\n")
    return .end
  }

  private func nextByte() -> UInt8? {
    if input.isEmpty { input = terminal.readInput()[...] }
    return input.popFirst()
  }

  /// The character that begins with a byte: the rest of its UTF-8 sequence belongs to it.
  private func character(from first: UInt8) -> Character {
    var bytes = [first]
    let length = first < 0x80 ? 1 : max(1, (~first).leadingZeroBitCount)
    while bytes.count < min(length, 4), let byte = nextByte() { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self).first ?? "\u{fffd}"
  }

  /// A paste, Alt-Enter (a line break in the message), or a key that does nothing here.
  private func readEscape() {
    guard !input.isEmpty || terminal.hasInput(within: Self.pasteGap), let first = nextByte() else { return }
    if Key.enters.contains(first) {
      Terminal.stream(message.type("\n"))
      return
    }
    guard first == UInt8(ascii: "[") || first == UInt8(ascii: "O") else { return }
    var sequence = [first]
    while let byte = nextByte() {
      sequence.append(byte)
      if (64...126).contains(byte) { break }
    }
    if sequence == Self.pasteStart { readMarkedPaste() }
  }

  private func readMarkedPaste() {
    var bytes: [UInt8] = []
    while !bytes.reversed().starts(with: Self.pasteEnd.reversed()), let byte = nextByte() { bytes.append(byte) }
    paste(bytes.dropLast(Self.pasteEnd.count))
  }

  /// Takes everything that comes without a gap; a line break at its end is Enter's, and stays for the next round.
  private func readUnmarkedPaste() {
    var bytes: [UInt8] = [10]
    while !input.isEmpty || terminal.hasInput(within: Self.pasteGap) {
      guard let byte = nextByte() else { break }
      bytes.append(byte)
    }
    let endsInBreak = bytes.count > 1 && bytes.last.map(Key.enters.contains) == true
    paste(endsInBreak ? bytes.dropLast() : bytes[...])
    if endsInBreak { input = [10] }
  }

  private func paste(_ bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
      .replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    Terminal.stream(message.paste(text))
  }

  /// Changes the message and writes it anew over the rows that it took.
  private func redraw(_ change: (inout EditedMessage) -> Void) {
    let width = max(2, Terminal.columns)
    let rowsAbove = (prompt + message.shown).split(separator: "\n", omittingEmptySubsequences: false)
      .reduce(-1) { $0 + 1 + max(0, TextWidth.columns($1) - 1) / width }
    change(&message)
    let up = rowsAbove > 0 ? "\u{1b}[\(rowsAbove)A" : ""
    Terminal.stream("\r\(up)\u{1b}[J\(prompt)\(message.shown)")
  }
}

/// How much room text takes on a terminal.
enum TextWidth {
  /// Columns of a line: two for the characters of East Asian scripts and most emoji, one for others.
  static func columns(_ text: some StringProtocol) -> Int {
    text.reduce(0) { sum, character in
      let isWide = character.unicodeScalars.contains { scalar in
        wideRanges.contains { $0.contains(scalar.value) }
      }
      return sum + (isWide ? 2 : 1)
    }
  }

  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
    0x1f300...0x1faff, 0x20000...0x3fffd,
  ]
}
