import JSONC

/// Recognises the splitting pattern in the `pre_tokenizer` of a `tokenizer.json`.
///
/// The patterns are compared as text: an unknown one is refused rather than approximated.
struct PreTokenizerDescription {
  let preTokenizer: PreTokenizer

  private static func words(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
  private static let llama = words(digits: #"\p{N}{1,3}"#)
  private static let qwen = words(digits: #"\p{N}"#)
  private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  init(_ description: JSONValue?, path: String) throws(TokenizerError) {
    let steps = description?["pretokenizers"]?.arrayValue ?? [description].compactMap { $0 }
    var pattern: String?
    var separatesDigits = false
    var usesOwnPattern = false
    for step in steps {
      switch step["type"]?.stringValue {
      case "Digits": separatesDigits = step["individual_digits"]?.boolValue ?? false
      case "Split": pattern = step["pattern"]?["Regex"]?.stringValue ?? step["pattern"]?["String"]?.stringValue
      case "ByteLevel":
        usesOwnPattern = step["use_regex"]?.boolValue ?? true
        if step["add_prefix_space"]?.boolValue == true {
          throw Self.unsupported("a space before every text (add_prefix_space)", path)
        }
      case let type: throw Self.unsupported("the step \"\(type ?? "without type")\"", path)
      }
    }
    switch (pattern, separatesDigits, usesOwnPattern) {
    case (nil, false, true), (Self.gpt2, false, false): preTokenizer = .gpt2
    case (nil, true, true): preTokenizer = .smollm
    case (Self.llama, false, false): preTokenizer = .llamaBPE
    case (Self.qwen, false, false): preTokenizer = .qwen2
    default: throw Self.unsupported("the pattern \(pattern ?? "without words")", path)
    }
  }

  private static func unsupported(_ found: String, _ path: String) -> TokenizerError {
    .unsupported(
      field: "pre_tokenizer", path: path, found: found,
      supported: "the patterns of \(PreTokenizer.allCases.map(\.rawValue).joined(separator: ", "))")
  }
}
