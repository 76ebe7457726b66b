import Foundation
import JSONC
import Testing

/// Broken documents: each must give a typed error or a value that survives a round trip; nothing may trap.
@Suite struct FuzzTests {
  static let sample = """
    {"name": "cifar\\u00e9 \\ud83d\\ude00", "version": 1, "mean": [0.49139968, -4.8e-1, 1E+2], "big": 18446744073709551615,
     "splits": {"train": {"count": 50000, "shards": [{"file": "a.png", "labels": [3, 9, 8]}, {}]}, "test": null},
     "flags": [true, false], "é€😀": "\\"\\\\\\n", "empty": {"": []}, "min": -9223372036854775808}
    """

  /// A value that parses must print and parse to the same value again.
  private func check(_ data: Data) {
    do throws(JSONError) {
      let value = try JSON.parse(data)
      let text = JSON.serialize(value)
      let again = try JSON.parse(text)
      #expect(again == value, "\(String(decoding: data, as: UTF8.self))")
    } catch {
      #expect(!error.reason.isEmpty)
      // A duplicate key that cannot be named would mean that the scanner and json-c disagree about the structure.
      #expect(error.reason != "a key appears twice in one object", "\(String(decoding: data, as: UTF8.self))")
    }
  }

  @Test func everyTruncationIsRefused() {
    let data = Data(Self.sample.utf8)
    for length in 0..<data.count {
      #expect(throws: JSONError.self) { try JSON.parse(data.prefix(length)) }
    }
    #expect(throws: Never.self) { try JSON.parse(data) }
  }

  @Test func everyByteReplacedByEveryOther() {
    var data = Data(Self.sample.utf8)
    for index in data.indices {
      let original = data[index]
      for byte in UInt8.min...UInt8.max where byte != original {
        data[index] = byte
        check(data)
      }
      data[index] = original
    }
  }

  @Test func everyByteRemovedOrDoubled() {
    let data = Data(Self.sample.utf8)
    for index in data.indices {
      check(data.prefix(index) + data.dropFirst(index + 1))
      check(data.prefix(index + 1) + data.dropFirst(index))
    }
  }

  @Test func randomStructuralNoise() {
    let alphabet = Array("{}[]\",:\\u0a9-+.eEtfn /'*N\u{0}é".utf8)
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<20_000 {
      check(Data((0..<random(24)).map { _ in alphabet[random(alphabet.count)] }))
    }
  }
}
