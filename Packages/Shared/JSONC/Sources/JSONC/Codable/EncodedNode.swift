/// A value under construction; a class, because containers that were handed out keep filling it.
final class EncodedNode {
  private enum Content {
    case value(JSONValue)
    case array([EncodedNode])
    case object(keys: [String], members: [String: EncodedNode])
  }

  private var content: Content?

  /// The finished value; `nil` when nothing was encoded into the node.
  var value: JSONValue? {
    switch content {
    case nil: return nil
    case .value(let value): return value
    case .array(let nodes): return .array(nodes.map { $0.value ?? .object(JSONObject()) })
    case .object(let keys, let members):
      return .object(
        JSONObject(uniqueKeysWithValues: keys.map { ($0, members[$0]?.value ?? .object(JSONObject())) }))
    }
  }

  func set(_ value: JSONValue) { content = .value(value) }

  func becomeArray() {
    if case .array = content { return }
    content = .array([])
  }

  func becomeObject() {
    if case .object = content { return }
    content = .object(keys: [], members: [:])
  }

  var count: Int {
    if case .array(let nodes) = content { nodes.count } else { 0 }
  }

  /// A new last element.
  func append() -> EncodedNode {
    let node = EncodedNode()
    guard case .array(var nodes) = content else { return node }
    content = nil  // keeps the array uniquely referenced while it grows
    nodes.append(node)
    content = .array(nodes)
    return node
  }

  /// The member `key`, new or existing.
  func member(_ key: String) -> EncodedNode {
    guard case .object(var keys, var members) = content else { return EncodedNode() }
    if let node = members[key] { return node }
    let node = EncodedNode()
    content = nil
    keys.append(key)
    members[key] = node
    content = .object(keys: keys, members: members)
    return node
  }
}
