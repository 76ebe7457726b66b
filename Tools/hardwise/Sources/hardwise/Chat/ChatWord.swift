/// A command inside a conversation.
enum ChatWord: Equatable {
  case help, reset, quit
  case save(String)
  case load(String)
  case unknown(String)

  /// The command in a line; nil for a message to the model, also for one that begins with two slashes.
  init?(_ line: String) {
    guard line.hasPrefix("/"), !line.hasPrefix("//"), !line.contains(where: \.isNewline) else { return nil }
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1].trimmingPrefix(while: \.isWhitespace) : ""
    switch (parts[0], argument.isEmpty) {
    case ("/help", true): self = .help
    case ("/reset", true): self = .reset
    case ("/quit", true): self = .quit
    case ("/save", false): self = .save(String(argument))
    case ("/load", false): self = .load(String(argument))
    default: self = .unknown(line)
    }
  }

  static let overview = """
    /reset       forget the conversation
    /save FILE   write it as JSON
    /load FILE   go on with a saved one
    /help        this list
    /quit        leave; Ctrl-D does too
    Ctrl-C stops an answer, or clears what was typed. Alt-Enter, a paste, or lines between two lines of \"\"\" make
    messages of several lines. A message that begins with / is written with //.
    """
}
