import CJSONC

/// Builds a json-c tree from a ``JSONValue`` and lets json-c print it.
enum Printer {
  static func print(_ value: JSONValue, style: JSONStyle) throws(JSONError) -> String {
    let tree = try makeNode(value, depth: 0)
    defer { json_object_put(tree) }
    let flags =
      switch style {
      case .compact: JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
      case .pretty: JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE
      }
    var length = 0
    // A nil tree is json-c's null, for which it prints "null".
    guard let text = json_object_to_json_string_length(tree, flags, &length) else {
      throw JSONError("out of memory", at: .path(""))
    }
    return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }

  private static func makeNode(_ value: JSONValue, depth: Int) throws(JSONError) -> OpaquePointer? {
    guard depth < JSONLimits.hardDepth else { throw JSONError("nested too deeply to be written", at: .path("")) }
    switch value {
    case .null: return nil
    case .bool(let value): return json_object_new_boolean(value ? 1 : 0)
    case .integer(let value): return json_object_new_int64(value)
    case .unsigned(let value): return json_object_new_uint64(value)
    case .number(let value):
      guard value.isFinite else { throw JSONError("JSON has no number for \(value)", at: .path("")) }
      // Swift's text is the shortest that reads back as the same number; json-c alone would print 17 digits.
      return json_object_new_double_s(value, value.description)
    case .string(let value): return makeString(value)
    case .array(let elements): return try makeArray(elements, depth: depth)
    case .object(let members): return try makeObject(members, depth: depth)
    }
  }

  private static func makeArray(_ elements: [JSONValue], depth: Int) throws(JSONError) -> OpaquePointer? {
    let node = json_object_new_array_ext(Int32(clamping: max(elements.count, 1)))
    do throws(JSONError) {
      for element in elements { json_object_array_add(node, try makeNode(element, depth: depth + 1)) }
    } catch {
      json_object_put(node)
      throw error
    }
    return node
  }

  private static func makeObject(_ members: JSONObject, depth: Int) throws(JSONError) -> OpaquePointer? {
    let node = json_object_new_object()
    do throws(JSONError) {
      for (key, value) in members {
        guard !key.utf8.contains(0) else { throw JSONError("a key contains a zero byte", at: .path("")) }
        json_object_object_add(node, key, try makeNode(value, depth: depth + 1))
      }
    } catch {
      json_object_put(node)
      throw error
    }
    return node
  }

  private static func makeString(_ text: String) -> OpaquePointer? {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let base = characters.baseAddress else { return json_object_new_string("") }
        return json_object_new_string_len(base, Int32(clamping: characters.count))
      }
    }
  }
}
