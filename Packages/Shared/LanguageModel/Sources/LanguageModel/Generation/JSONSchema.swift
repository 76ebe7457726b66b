import JSONC

/// The part of JSON Schema that is a regular language: turns a schema into a ``ByteExpression`` for its documents.
///
/// Supported: `type` (`object`, `array`, `string`, `integer`, `number`, `boolean`, `null`), `enum`, `const`, `anyOf`, `properties` (written in
/// their order; all are required unless `required` lists some), `items`, `minItems`, `maxItems`, `minLength`, `maxLength`, `pattern`. References
/// and recursion are not. Documents are written on one line, with one blank after `:` and `,`.
public enum JSONSchema {
  /// The expression for the documents of a schema.
  ///
  /// - Throws: ``LanguageModelError`` with the path of what is not supported.
  public static func expression(for schema: JSONValue) throws(LanguageModelError) -> ByteExpression {
    try expression(schema, path: "$", depth: 0)
  }

  private static func expression(
    _ schema: JSONValue, path: String, depth: Int
  ) throws(LanguageModelError) -> ByteExpression {
    guard depth < 32 else { throw unsupported(path, "nesting deeper than 32") }
    guard let object = schema.objectValue else { throw unsupported(path, "a schema that is no object") }
    for keyword in ["$ref", "allOf", "oneOf", "not", "if", "patternProperties"] where object[keyword] != nil {
      throw unsupported(path, "'\(keyword)'")
    }
    if let value = object["const"] { return .text(JSON.serialize(value)) }
    if let values = object["enum"]?.arrayValue {
      guard !values.isEmpty else { throw unsupported(path, "an empty enum") }
      return .alternatives(values.map { .text(JSON.serialize($0)) })
    }
    if let schemas = object["anyOf"]?.arrayValue {
      guard !schemas.isEmpty else { throw unsupported(path, "an empty anyOf") }
      var parts: [ByteExpression] = []
      for (index, part) in schemas.enumerated() {
        parts.append(try expression(part, path: "\(path).anyOf[\(index)]", depth: depth + 1))
      }
      return .alternatives(parts)
    }
    switch object["type"]?.stringValue {
    case "object": return try objectExpression(object, path, depth)
    case "array":
      let items = try expression(object["items"] ?? .null, path: "\(path).items", depth: depth + 1)
      let range = try limits(object, path, "minItems", "maxItems", default: 64)
      return .text("[") + items.repeated(range, separator: .text(", ")) + .text("]")
    case "string": return try string(object, path)
    case "integer": return integer
    case "number": return number
    case "boolean": return .alternatives([.text("true"), .text("false")])
    case "null": return .text("null")
    case let type?: throw unsupported(path, "type '\(type)'")
    case nil: throw unsupported(path, "a schema without type, enum, const or anyOf")
    }
  }

  private static func unsupported(_ path: String, _ what: String) -> LanguageModelError {
    LanguageModelError(
      .unsupported, "JSON schema at \(path): \(what) is not supported", remedy: "simplify the schema")
  }

  private static func limits(
    _ object: JSONObject, _ path: String, _ low: String, _ high: String, default limit: Int
  ) throws(LanguageModelError) -> ClosedRange<Int> {
    let minimum = object[low]?.intValue ?? 0
    let maximum = object[high]?.intValue ?? max(limit, minimum)
    guard minimum >= 0, maximum >= minimum, maximum <= 4096 else {
      throw unsupported(path, "the range \(low) \(minimum) to \(high) \(maximum)")
    }
    return minimum...maximum
  }

  /// Properties in order; optional ones may be left out. Which one comes first decides where commas are.
  private static func objectExpression(
    _ object: JSONObject, _ path: String, _ depth: Int
  ) throws(LanguageModelError) -> ByteExpression {
    guard let properties = object["properties"]?.objectValue, !properties.isEmpty else { return .text("{}") }
    let required = object["required"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
    var members: [(expression: ByteExpression, isRequired: Bool)] = []
    for (key, value) in properties {
      let content = try expression(value, path: "\(path).\(key)", depth: depth + 1)
      members.append((.text(JSON.serialize(.string(key)) + ": ") + content, required?.contains(key) ?? true))
    }
    func rest(after index: Int) -> ByteExpression {
      .sequence(
        members[(index + 1)...].map { member in
          let part = .text(", ") + member.expression
          return member.isRequired ? part : part.optional
        })
    }
    var alternatives: [ByteExpression] = []
    for (index, member) in members.enumerated() {
      alternatives.append(member.expression + rest(after: index))
      if member.isRequired { break }
    }
    if !members.contains(where: \.isRequired) { alternatives.append(.empty) }
    return .text("{") + .alternatives(alternatives) + .text("}")
  }

  private static func string(_ object: JSONObject, _ path: String) throws(LanguageModelError) -> ByteExpression {
    let quote = ByteExpression.text("\"")
    if let pattern = object["pattern"]?.stringValue { return quote + (try RegexParser.parse(pattern)) + quote }
    let hexadecimal = ByteExpression.byte(ByteSet(48...57).union(ByteSet(65...70)).union(ByteSet(97...102)))
    // No surrogates: \uD8… would need a partner to be valid.
    let escape =
      .text("\\")
      + .alternatives([.byte(ByteSet("\"\\/bfnrt".utf8)), .text("u00") + hexadecimal + hexadecimal])
    let character = ByteExpression.alternatives([
      .scalar(excluding: ByteSet(0...31).union(ByteSet([34, 92]))), escape,
    ])
    if object["minLength"] == nil && object["maxLength"] == nil {
      return quote + .repetition(character, minimum: 0, maximum: nil) + quote
    }
    let range = try limits(object, path, "minLength", "maxLength", default: 256)
    return quote + .repetition(character, minimum: range.lowerBound, maximum: range.upperBound) + quote
  }

  private static let digit = ByteExpression.byte(ByteSet(48...57))
  /// At most 15 digits: every such integer is exact in double precision, and the number must end some time.
  private static let integer =
    .text("-").optional
    + .alternatives([.text("0"), .byte(ByteSet(49...57)) + .repetition(digit, minimum: 0, maximum: 14)])
  private static let number =
    integer + (.text(".") + .repetition(digit, minimum: 1, maximum: 15)).optional
    + (.byte(ByteSet("eE".utf8)) + .byte(ByteSet("+-".utf8)).optional + .repetition(digit, minimum: 1, maximum: 2))
    .optional
}

extension ByteConstraint {
  /// A constraint for JSON documents of a schema; see ``JSONSchema``.
  ///
  /// - Throws: ``LanguageModelError`` for a schema that is not supported.
  public init(jsonSchema schema: JSONValue, tokenizer: Tokenizer, trie: TokenTrie? = nil) throws(LanguageModelError) {
    self.init(try ByteAutomaton(try JSONSchema.expression(for: schema)), tokenizer: tokenizer, trie: trie)
  }
}
