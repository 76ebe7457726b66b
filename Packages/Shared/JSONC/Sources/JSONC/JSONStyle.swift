/// How a document is laid out.
public enum JSONStyle: Sendable, Hashable {
  /// Everything in one line without spaces.
  case compact
  /// One member or element per line, indented by two spaces.
  case pretty
}
