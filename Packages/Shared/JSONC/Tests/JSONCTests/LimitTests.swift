import Foundation
import JSONC
import Testing

@Suite struct LimitTests {
  @Test func depth() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    let limits = JSONLimits(maximumDepth: 10)
    #expect(throws: Never.self) { try JSON.parse(nested(10), limits: limits) }
    let error = #expect(throws: JSONError.self) { try JSON.parse(nested(11), limits: limits) }
    #expect(error?.reason == "nested deeper than the limit of 10 levels")
    #expect(throws: JSONError.self) { try JSON.parse(nested(129)) }
    #expect(throws: JSONError.self) { try JSON.parse(nested(1_000_000)) }
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    // A greedy limit is cut to what json-c can free without exhausting the stack.
    #expect(throws: JSONError.self) { try JSON.parse(nested(100_000), limits: JSONLimits(maximumDepth: .max)) }
  }

  @Test func bytes() {
    let limits = JSONLimits(maximumBytes: 8)
    #expect(throws: Never.self) { try JSON.parse("[1,2,34]", limits: limits) }
    let error = #expect(throws: JSONError.self) { try JSON.parse("[1,2,345]", limits: limits) }
    #expect(error?.reason == "the document is 9 bytes long, more than the limit of 8")
    #expect(throws: JSONError.self) { try JSON.parse("", limits: JSONLimits(maximumBytes: -1)) }
  }

  @Test func numbers() {
    #expect(throws: Never.self) { try JSON.parse("0." + String(repeating: "1", count: 1000)) }
    #expect(throws: JSONError.self) { try JSON.parse("0." + String(repeating: "1", count: 2000)) }
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "9", count: 400)) }
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "9", count: 400) + ".0") }
    #expect(throws: JSONError.self) { try JSON.parse("1e" + String(repeating: "9", count: 100)) }
    #expect(throws: Never.self) { try JSON.parse("1e-" + String(repeating: "9", count: 100)) }
  }
}
