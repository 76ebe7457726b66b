import CJSONC

/// Drives json-c's tokener over a buffer and turns its tree into a ``JSONValue``.
enum Parser {
  static func parse(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.effectiveBytes else {
      throw JSONError(
        "the document is \(bytes.count) bytes long, more than the limit of \(limits.effectiveBytes)",
        at: .text(line: 1, column: 1))
    }
    let tree = try makeTree(bytes, limits: limits)
    defer { json_object_put(tree) }
    var scanner = Scanner(bytes, limits: limits)
    try scanner.scan()
    var converter = TreeConverter(memberCounts: scanner.memberCounts, text: bytes)
    return try converter.convert(tree)
  }

  /// The owned json-c tree of the document; `nil` is json-c's representation of `null`.
  private static func makeTree(
    _ bytes: UnsafeRawBufferPointer, limits: JSONLimits
  ) throws(JSONError) -> OpaquePointer? {
    // json-c counts a scalar inside the innermost container as a level of its own; the scanner counts exactly.
    guard let tokener = json_tokener_new_ex(Int32(limits.effectiveDepth + 1)) else {
      throw JSONError("out of memory", at: .text(line: 1, column: 1))
    }
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)

    var tree: OpaquePointer?
    var status = json_tokener_continue
    var end = 0
    if let base = bytes.baseAddress, !bytes.isEmpty {
      tree = json_tokener_parse_ex(tokener, base.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
      status = json_tokener_get_error(tokener)
      end = json_tokener_get_parse_end(tokener)
    }
    if status == json_tokener_continue {
      // A number at the top level ends only with the document: a zero byte tells json-c that it ends here.
      tree = json_tokener_parse_ex(tokener, "", 1)
      status = json_tokener_get_error(tokener)
      end = bytes.count
    }
    guard status == json_tokener_success else {
      json_object_put(tree)
      throw JSONError(reason(for: status, limits: limits), at: TextPosition.location(of: end, in: bytes))
    }
    if let extra = bytes[min(end, bytes.count)...].firstIndex(where: { !isWhitespace($0) }) {
      json_object_put(tree)
      throw JSONError("characters after the end of the document", at: TextPosition.location(of: extra, in: bytes))
    }
    return tree
  }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static func reason(for status: json_tokener_error, limits: JSONLimits) -> String {
    switch status {
    case json_tokener_error_depth: "nested deeper than the limit of \(limits.effectiveDepth) levels"
    case json_tokener_continue, json_tokener_error_parse_eof: "the document ends too early"
    case json_tokener_error_parse_unexpected: "unexpected character"
    case json_tokener_error_parse_null: "expected null"
    case json_tokener_error_parse_boolean: "expected true or false"
    case json_tokener_error_parse_number: "malformed number"
    case json_tokener_error_parse_array: "expected a comma or a closing bracket in an array"
    case json_tokener_error_parse_object_key_name: "expected a key in quotes or a closing brace"
    case json_tokener_error_parse_object_key_sep: "expected a colon after a key"
    case json_tokener_error_parse_object_value_sep: "expected a comma or a closing brace in an object"
    case json_tokener_error_parse_string: "malformed string"
    case json_tokener_error_parse_comment: "comments are not allowed"
    case json_tokener_error_parse_utf8_string: "invalid UTF-8"
    case json_tokener_error_size: "the document is too large"
    default: String(cString: json_tokener_error_desc(status))
    }
  }
}
