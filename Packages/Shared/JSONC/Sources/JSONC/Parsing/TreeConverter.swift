import CJSONC

/// Turns a json-c tree into Swift values, in document order.
///
/// json-c lets a later member silently replace an earlier one of the same key. The scanner counted the members that the
/// *text* gives each object; where the tree has fewer, a key was written twice.
struct TreeConverter {
  /// Members per object, in the order of the opening braces.
  let memberCounts: [Int]
  let text: UnsafeRawBufferPointer
  private var nextObject = 0

  init(memberCounts: [Int], text: UnsafeRawBufferPointer) {
    self.memberCounts = memberCounts
    self.text = text
  }

  mutating func convert(_ node: OpaquePointer?) throws(JSONError) -> JSONValue {
    guard let node else { return .null }
    switch json_object_get_type(node) {
    case json_type_boolean: return .bool(json_object_get_boolean(node) != 0)
    case json_type_double: return .number(json_object_get_double(node))
    case json_type_int: return integer(node)
    case json_type_string: return .string(try string(node))
    case json_type_array: return .array(try array(node))
    case json_type_object: return .object(try object(node))
    default: return .null
    }
  }

  private func integer(_ node: OpaquePointer) -> JSONValue {
    let signed = json_object_get_int64(node)
    guard signed == .max else { return .integer(signed) }
    // json-c clamps: only the unsigned reading tells Int64.max from what lies beyond.
    let unsigned = json_object_get_uint64(node)
    return unsigned > UInt64(Int64.max) ? .unsigned(unsigned) : .integer(signed)
  }

  private func string(_ node: OpaquePointer) throws(JSONError) -> String {
    let bytes = UnsafeRawBufferPointer(
      start: json_object_get_string(node), count: Int(json_object_get_string_len(node)))
    guard let string = String(validating: bytes, as: UTF8.self) else { throw invalidUTF8 }
    return string
  }

  private mutating func array(_ node: OpaquePointer) throws(JSONError) -> [JSONValue] {
    let count = json_object_array_length(node)
    var elements: [JSONValue] = []
    elements.reserveCapacity(count)
    for index in 0..<count {
      elements.append(try convert(json_object_array_get_idx(node, index)))
    }
    return elements
  }

  private mutating func object(_ node: OpaquePointer) throws(JSONError) -> JSONObject {
    let number = nextObject
    nextObject += 1
    guard number < memberCounts.count, memberCounts[number] == Int(json_object_object_length(node)) else {
      throw DuplicateKeyFinder(text).error()
    }
    var object = JSONObject()
    var member = json_object_iter_begin(node)
    var end = json_object_iter_end(node)
    while json_object_iter_equal(&member, &end) == 0 {
      guard let name = json_object_iter_peek_name(&member), let key = String(validatingCString: name) else {
        throw invalidUTF8
      }
      // Keys that differ as bytes may still be the same string (é in one or two code points).
      guard object[key] == nil else {
        throw JSONError("the key \"\(key)\" appears twice in one object", at: .path(key))
      }
      object.append(key, try convert(json_object_iter_peek_value(&member)))
      json_object_iter_next(&member)
    }
    return object
  }

  private var invalidUTF8: JSONError {
    let offset = InvalidUTF8.firstOffset(in: text) ?? 0
    return JSONError("invalid UTF-8", at: TextPosition.location(of: offset, in: text))
  }
}
