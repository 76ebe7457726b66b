/// How a text is cut into words before merging: the splitting patterns of the model families, as hand-written scanners.
///
/// The raw values are those of `tokenizer.ggml.pre` in GGUF files.
public enum PreTokenizer: String, Sendable, Hashable, CaseIterable {
  /// GPT-2: contractions, runs of letters, of digits, of anything else, each with one space before it; white space.
  case gpt2 = "gpt-2"
  /// SmolLM: every digit by itself, GPT-2's pattern between the digits.
  case smollm
  /// Qwen2: like `llamaBPE`, with single digits.
  case qwen2
  /// Llama 3: contractions in any case, words with one character before them, up to three digits, punctuation with the
  /// line breaks behind it, white space up to the last line break.
  case llamaBPE = "llama-bpe"

  /// The other names that files use for the same patterns.
  private static let synonyms: [String: PreTokenizer] = [
    "gpt2": .gpt2, "llama3": .llamaBPE, "llama-v3": .llamaBPE, "deepseek-r1-qwen": .qwen2,
  ]

  /// The pattern with the given name in GGUF files.
  public init?(name: String) {
    guard let found = PreTokenizer(rawValue: name) ?? Self.synonyms[name] else { return nil }
    self = found
  }

  /// Cuts the text of `scanner` from `start` to its end into words.
  func split(_ scanner: TextScanner, from start: Int, _ body: (Range<Int>) -> Void) {
    switch self {
    case .gpt2: GPT2Splitter(scanner: scanner, separatesDigits: false).split(from: start, body)
    case .smollm: GPT2Splitter(scanner: scanner, separatesDigits: true).split(from: start, body)
    case .qwen2: LlamaSplitter(scanner: scanner, digits: 1).split(from: start, body)
    case .llamaBPE: LlamaSplitter(scanner: scanner, digits: 3).split(from: start, body)
    }
  }
}
