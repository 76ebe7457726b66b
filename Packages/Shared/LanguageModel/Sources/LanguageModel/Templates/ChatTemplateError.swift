/// Why the chat format of a model is not known.
public enum ChatTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The model brings no template along.
  case missing(model: String)
  /// The template is none of the known ones; the beginning of its text.
  case unknown(template: String)
  /// There is no format of that name.
  case unknownName(String)

  private static let remedy =
    "name the format with --template \(ChatTemplate.Kind.allCases.map(\.rawValue).joined(separator: "|"))"

  /// One line: what was wrong, and how to mend.
  public var description: String {
    switch self {
    case .missing(let model): "\(model): the model has no chat template; \(Self.remedy)"
    case .unknown(let template):
      "the chat template is not known (\"\(Self.beginning(of: template))\"); \(Self.remedy)"
    case .unknownName(let name): "there is no chat template \"\(name)\"; \(Self.remedy)"
    }
  }

  private static func beginning(of text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count <= 60 ? line : line.prefix(59) + "…"
  }
}
