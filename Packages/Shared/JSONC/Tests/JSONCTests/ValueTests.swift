import JSONC
import Testing

@Suite struct ValueTests {
  @Test func lookingUp() {
    let value: JSONValue = ["a": [1, ["b": "c"]], "n": 2.0]
    #expect(value["a"]?[1]?["b"]?.stringValue == "c")
    #expect(value["a"]?[7] == nil && value["x"] == nil && value[0] == nil)
    #expect(value["n"]?.intValue == 2 && value["n"]?.doubleValue == 2)
    #expect(JSONValue.number(2.5).intValue == nil && JSONValue.unsigned(.max).intValue == nil)
  }

  @Test func changing() {
    var value: JSONValue = [:]
    value["b"] = 1
    value["a"] = 2
    value["b"] = 3
    #expect(value.objectValue?.keys == ["b", "a"])
    value["b"] = nil
    #expect(value == ["a": 2])
  }

  @Test func orderDoesNotMatterForEquality() {
    let first: JSONValue = ["a": 1, "b": 2]
    let second: JSONValue = ["b": 2, "a": 1]
    #expect(first == second && first.hashValue == second.hashValue)
    #expect(first != ["a": 1, "b": 3] && first != ["a": 1])
  }

  @Test func manyMembers() {
    var object = JSONObject()
    for index in 0..<1000 { object["key \(index)"] = .integer(Int64(index)) }
    object["key 500"] = nil
    #expect(object.count == 999 && object["key 500"] == nil && object["key 999"] == 999)
    #expect(object.map(\.key) == object.keys)
    for index in 0..<995 { object["key \(index)"] = nil }
    #expect(object.keys == ["key 995", "key 996", "key 997", "key 998", "key 999"])
    #expect(object["key 997"] == 997)
  }

  @Test func exactIntegers() {
    #expect(JSONValue(exactly: 5 as UInt8) == .integer(5))
    #expect(JSONValue(exactly: UInt64(1) << 63) == .unsigned(1 << 63))
    #expect(JSONValue(exactly: Int128.max) == nil)
  }
}
