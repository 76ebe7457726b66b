import ArgumentParser
import LanguageModel

/// `hardwise lm tokenize`
struct LanguageTokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Text as token ids, or token ids as text.")

  @Argument(help: "The text; - reads standard input. With --decode, token ids separated by blanks or commas.")
  var text: String

  @OptionGroup var source: ModelArguments

  @Flag(help: "Recognise control tokens such as <|im_end|> in the text.")
  var special = false

  @Flag(help: "Turn ids into text.")
  var decode = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let tokenizer = try source.file().tokenizer()
    let given = try TextInput.text(text)
    let tokens = decode ? try Self.ids(given) : tokenizer.encode(given, special: special ? .recognized : .asText)
    if let wrong = tokens.first(where: { $0 < 0 || Int($0) >= tokenizer.vocabularyCount }) {
      throw ValidationError("token \(wrong) is not in the vocabulary of \(tokenizer.vocabularyCount) tokens")
    }
    let pieces = tokens.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
    let result = Result(
      count: tokens.count, bytes: given.utf8.count, tokens: tokens, pieces: pieces, text: tokenizer.decode(tokens))
    try output.emit(
      result,
      text: decode
        ? result.text
        : zip(tokens, pieces).map { "\($0)\t\(Self.quoted($1))" }.joined(separator: "\n")
          + "\n\(tokens.count) tokens, \(given.utf8.count) bytes")
  }

  private static func ids(_ text: String) throws -> [Int32] {
    try text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { word in
      guard let id = Int32(word) else { throw ValidationError("'\(word)' is no token id; give whole numbers") }
      return id
    }
  }

  private static func quoted(_ piece: String) -> String {
    "\"" + piece.unicodeScalars.map { $0.isASCII && $0.value < 32 ? $0.escaped(asASCII: true) : String($0) }.joined()
      + "\""
  }

  private struct Result: Encodable {
    let count, bytes: Int
    let tokens: [Int32]
    let pieces: [String]
    let text: String
  }
}
