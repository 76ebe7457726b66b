import JSONC
import Testing

@Suite struct PrintingTests {
  static let value: JSONValue = [
    "b": [1, 2.5, nil], "a": ["x/y": "q\"\\\n\u{1}é"], "e": [], "o": [:], "u": .unsigned(.max),
  ]

  @Test func compact() {
    #expect(
      JSON.serialize(Self.value)
        == "{\"b\":[1,2.5,null],\"a\":{\"x/y\":\"q\\\"\\\\\\n\\u0001é\"},\"e\":[],\"o\":{},\"u\":18446744073709551615}")
  }

  @Test func pretty() throws {
    let text = JSON.serialize(["a": [1, 2], "b": ["c": true]], style: .pretty)
    #expect(text == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\n    \"c\": true\n  }\n}")
    #expect(try JSON.parse(JSON.serialize(Self.value, style: .pretty)) == Self.value)
  }

  @Test(arguments: [
    0.1, 1.0 / 3, 1e21, 1e-7, .leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude, 123_456_789.123_456_79, 2.5e15,
    1e16,
  ])
  func numbersReadBackExactly(number: Double) throws {
    #expect(try JSON.parse(JSON.serialize(.number(number))).doubleValue?.bitPattern == number.bitPattern)
  }

  @Test func scalars() {
    #expect(JSON.serialize(nil) == "null")
    #expect(JSON.serialize("") == "\"\"")
    #expect(JSON.serialize("\0") == "\"\\u0000\"")
    #expect(JSON.serialize(.number(3)) == "3.0")
  }
}
