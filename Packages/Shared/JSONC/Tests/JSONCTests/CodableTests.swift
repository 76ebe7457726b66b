import Foundation
import JSONC
import Testing

@Suite struct CodableTests {
  struct Shard: Codable, Equatable {
    var file: String
    var count: Int
  }

  enum Pooling: Codable, Equatable {
    case average(kernel: Int)
    case none
  }

  struct Everything: Codable, Equatable {
    var zeta = "declared first"
    var alpha: [Float] = [0.1, 1e-7, -3, .greatestFiniteMagnitude]
    var doubles = [0.1, 1e300, .leastNonzeroMagnitude]
    var signed = Int64.min
    var unsigned = UInt64.max
    var small: Int8 = -128
    var flag = true
    var nothing: Int?
    var something: Int? = 4
    var date = Date(timeIntervalSince1970: 1_700_000_000)
    var precise = Date(timeIntervalSince1970: 0.25)
    var url = URL(string: "https://example.org/a?b=c")
    var data = Data([0, 255, 7])
    var table = ["one": 1]
    var nested = [[1, 2], []]
    var shards = [Shard(file: "a", count: 1), Shard(file: "b", count: 2)]
    var pooling = [Pooling.average(kernel: 3), .none]
    var value: JSONValue = ["k": [1, nil, 2.5, true]]
  }

  @Test(arguments: [JSONStyle.compact, .pretty])
  func roundTrip(style: JSONStyle) throws {
    let value = Everything()
    #expect(try JSON.decode(Everything.self, from: JSON.encode(value, style: style)) == value)
  }

  @Test func membersKeepTheOrderOfDeclaration() throws {
    let keys = try JSON.parse(JSON.encode(Everything())).objectValue?.keys
    #expect(keys?.prefix(3) == ["zeta", "alpha", "doubles"])
    #expect(keys?.contains("nothing") == false)
  }

  @Test func floatsPrintAsTheyWereWritten() throws {
    #expect(String(decoding: try JSON.encode([Float(0.1), 3]), as: UTF8.self) == "[0.1,3.0]")
    #expect(String(decoding: try JSON.encode(["x": Float(0.3)]), as: UTF8.self) == "{\"x\":0.3}")
  }

  @Test func topLevelScalars() throws {
    #expect(String(decoding: try JSON.encode("a/b"), as: UTF8.self) == "\"a/b\"")
    #expect(try JSON.decode(Int.self, from: "7") == 7)
    #expect(try JSON.decode(Int?.self, from: "null") == nil)
    #expect(try JSON.decode([String: [Int]].self, from: "{\"a\":[1]}") == ["a": [1]])
  }

  struct Manifest: Codable {
    struct Split: Codable { var shards: [Shard] }
    var splits: [String: Split]
    var mean: [Float]
  }

  @Test(arguments: [
    (
      "{\"splits\":{\"train\":{\"shards\":[{\"file\":\"a\",\"count\":1},{\"file\":\"b\"}]}},\"mean\":[]}",
      "splits.train.shards[1]",
      "the member \"count\" is missing"
    ),
    (
      "{\"splits\":{\"train\":{\"shards\":[{\"file\":7,\"count\":1}]}},\"mean\":[]}", "splits.train.shards[0].file",
      "expected a string, found the number 7"
    ),
    (
      "{\"splits\":{\"train\":{\"shards\":[{\"file\":\"a\",\"count\":1.5}]}},\"mean\":[]}",
      "splits.train.shards[0].count",
      "expected a whole number from -9223372036854775808 to 9223372036854775807, found the number 1.5"
    ),
    ("{\"splits\":{},\"mean\":[1,\"x\"]}", "mean[1]", "expected a number, found the string \"x\""),
    ("{\"splits\":[],\"mean\":[]}", "splits", "expected an object, found an array"),
    (
      "{\"splits\":{},\"mean\":[1e300]}", "mean[0]",
      "expected a number within the range of Float, found the number 1e+300"
    ),
    ("[]", "", "expected an object, found an array"),
  ])
  func errorsNameThePlace(text: String, path: String, reason: String) {
    let error = #expect(throws: JSONError.self) { try JSON.decode(Manifest.self, from: text) }
    #expect(error?.codingPath == path)
    #expect(error?.reason == reason)
  }

  @Test(arguments: ["300", "-1", "1.5", "\"1\"", "null", "true", "18446744073709551615"])
  func integersMustFit(text: String) {
    #expect(throws: JSONError.self) { try JSON.decode(UInt8.self, from: text) }
  }

  @Test func wholeNumbersMayBeWrittenWithAPoint() throws {
    #expect(try JSON.decode(Int.self, from: "3.0") == 3)
    #expect(try JSON.decode(Double.self, from: "3") == 3)
  }

  @Test func whatJSONCannotExpress() {
    struct Reading: Codable { var values: [Double], single: Float = 1, other: [String: Float] = [:] }
    for (reading, path) in [
      (Reading(values: [1, .nan]), "values[1]"), (Reading(values: [], single: .infinity), "single"),
      (Reading(values: [], other: ["a": -.infinity]), "other.a"),
    ] {
      let error = #expect(throws: JSONError.self) { try JSON.encode(reading) }
      #expect(error?.codingPath == path)
    }
    let error = #expect(throws: JSONError.self) { try JSON.encode(["v": JSONValue.array([1, .number(.nan)])]) }
    #expect(error?.codingPath == "v[1]")
  }

  @Test func errorsOfATypeItselfPassThrough() {
    struct Strict: Decodable {
      struct Refusal: Error {}
      init(from decoder: any Decoder) throws { throw Refusal() }
    }
    #expect(throws: Strict.Refusal.self) { try JSON.decode([Strict].self, from: "[1]") }
  }

  @Test func classesWithInheritance() throws {
    class Base: Codable { var a = 1 }
    final class Derived: Base {
      var b = 2
      private enum Keys: CodingKey { case b }
      override init() { super.init() }
      required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        b = try container.decode(Int.self, forKey: .b)
        try super.init(from: container.superDecoder())
      }
      override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(b, forKey: .b)
        try super.encode(to: container.superEncoder())
      }
    }
    let value = Derived()
    value.a = 5
    let data = try JSON.encode(value)
    #expect(String(decoding: data, as: UTF8.self) == "{\"b\":2,\"super\":{\"a\":5}}")
    #expect(try JSON.decode(Derived.self, from: data).a == 5)
  }
}
