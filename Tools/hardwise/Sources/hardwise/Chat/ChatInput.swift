/// What the person at the other end did.
enum ChatInput: Equatable {
  /// Gave a message, of one line or many.
  case message(String)
  /// Pressed Ctrl-C at an empty prompt.
  case interrupted
  /// Left: Ctrl-D, or the end of the file.
  case end
}

/// Where messages come from.
protocol ChatInputSource {
  /// Waits for the next message.
  func next(prompt: String) -> ChatInput
}

/// Messages from a pipe or file: one per line, empty lines left out.
struct PipedInput: ChatInputSource {
  func next(prompt: String) -> ChatInput {
    while let line = readLine() {
      if !line.allSatisfy(\.isWhitespace) { return .message(line) }
    }
    return .end
  }
}

/// Joins the lines between two lines of `"""` to one message.
struct FencedInput: ChatInputSource {
  private static let fence = "\"\"\""
  let source: any ChatInputSource

  func next(prompt: String) -> ChatInput {
    let first = source.next(prompt: prompt)
    guard case .message(let line) = first, Self.isFence(line) else { return first }
    var lines: [String] = []
    while case .message(let line) = source.next(prompt: "… "), !Self.isFence(line) { lines.append(line) }
    return .message(lines.joined(separator: "\n"))
  }

  private static func isFence(_ line: String) -> Bool {
    line.filter { !$0.isWhitespace } == fence
  }
}
