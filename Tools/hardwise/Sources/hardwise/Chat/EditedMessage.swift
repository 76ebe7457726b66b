/// The message that is being typed: characters, and pastes that are shown and deleted as one piece.
struct EditedMessage {
  /// A paste longer than this is shown as a summary.
  private static let shownPaste = 200

  private struct Piece {
    let text: String
    let shown: String
  }

  private var pieces: [Piece] = []

  /// The text so far.
  var text: String { pieces.map(\.text).joined() }
  /// What the terminal shows of it.
  var shown: String { pieces.map(\.shown).joined() }
  /// Whether nothing was typed yet.
  var isEmpty: Bool { pieces.isEmpty }

  /// Adds a typed character; returns what to show for it.
  mutating func type(_ character: Character) -> String {
    pieces.append(Piece(text: String(character), shown: character == "\t" ? " " : String(character)))
    return pieces[pieces.count - 1].shown
  }

  /// Adds pasted text; returns what to show for it.
  mutating func paste(_ text: String) -> String {
    if text.isEmpty { return "" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    if lines == 1 && text.count <= Self.shownPaste { return text.map { type($0) }.joined() }
    let size = lines == 1 ? "\(text.count) characters" : "\(lines) lines, \(text.count) characters"
    pieces.append(Piece(text: text, shown: "[pasted \(size)]"))
    return pieces[pieces.count - 1].shown
  }

  /// Deletes the last character or paste.
  mutating func deleteLast() { _ = pieces.popLast() }

  /// Deletes blanks and the word before them.
  mutating func deleteWord() {
    while pieces.last?.text == " " { pieces.removeLast() }
    while let last = pieces.last, last.text != " " { pieces.removeLast() }
  }

  /// Deletes everything.
  mutating func clear() { pieces = [] }
}
