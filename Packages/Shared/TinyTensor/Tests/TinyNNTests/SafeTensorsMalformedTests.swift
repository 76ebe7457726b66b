import Foundation
import Testing
import TinyNN
import TinyTensor

/// A broken file and a word for the error it must raise.
struct Malformed: Sendable, CustomTestStringConvertible {
  let what: String
  let bytes: Data
  let expected: String
  var testDescription: String { what }

  init(_ what: String, _ bytes: Data, _ expected: String) {
    self.what = what
    self.bytes = bytes
    self.expected = expected
  }

  /// A header of the right length, followed by `data` zero bytes.
  init(_ what: String, header: String, data: Int = 0, _ expected: String) {
    self.init(what, Self.file(Data(header.utf8), data: data), expected)
  }

  static func file(_ header: Data, data: Int) -> Data {
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header + Data(count: data)
  }

  /// The description of a tensor of floats.
  static func entry(_ shape: String, _ begin: Int, _ end: Int, type: String = "F32") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }
}

/// The name of the case of an error.
private func caseName(_ error: SafeTensorsError) -> String {
  String("\(Mirror(reflecting: error).children.first?.label ?? "\(error)")")
}

@Suite struct SafeTensorsMalformedTests {
  private static let ok = Malformed.entry("[1]", 0, 4)

  static let corpus: [Malformed] = [
    Malformed("empty file", Data(), "truncatedLength"),
    Malformed("seven bytes", Data(count: 7), "truncatedLength"),
    Malformed("length beyond the limit", Data(repeating: 0xff, count: 16), "headerTooLarge"),
    Malformed("length 100 000 001", Data([0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0]), "headerTooLarge"),
    Malformed("length beyond the file", Data([200, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8), "headerBeyondFile"),
    Malformed("no header", Data(count: 8), "invalidHeader"),
    Malformed("cut JSON", header: "{\"a\":{\"dtype\":", "invalidHeader"),
    Malformed("not UTF-8", Malformed.file(Data([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), data: 0), "invalidHeader"),
    Malformed("nested too deeply", header: String(repeating: "[", count: 100_000), "invalidHeader"),
    Malformed("a list", header: "[]", "headerNotObject"),
    Malformed("a number", header: "12", "headerNotObject"),
    Malformed("same name twice", header: "{\"a\":\(ok),\"a\":\(ok)}", data: 4, "duplicateName"),
    Malformed("metadata is a list", header: "{\"__metadata__\":[]}", "invalidMetadata"),
    Malformed("metadata with a number", header: "{\"__metadata__\":{\"epoch\":3}}", "invalidMetadata"),
    Malformed("entry is a string", header: "{\"a\":\"F32\"}", "invalidEntry"),
    Malformed("no dtype", header: "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", data: 4, "invalidEntry"),
    Malformed("no shape", header: "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", data: 4, "invalidEntry"),
    Malformed("no offsets", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", data: 4, "invalidEntry"),
    Malformed(
      "three offsets", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", data: 4,
      "invalidEntry"),
    Malformed(
      "fractional offset", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0.5,4]}}", data: 4,
      "invalidEntry"),
    Malformed(
      "unknown field", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", data: 4,
      "invalidEntry"),
    Malformed(
      "unknown type", header: "{\"a\":\(Malformed.entry("[1]", 0, 8, type: "C64"))}", data: 8, "unsupportedType"),
    Malformed("negative dimension", header: "{\"a\":\(Malformed.entry("[-1]", 0, 4))}", data: 4, "invalidShape"),
    Malformed("textual dimension", header: "{\"a\":\(Malformed.entry("[\"1\"]", 0, 4))}", data: 4, "invalidShape"),
    Malformed(
      "overflowing shape", header: "{\"a\":\(Malformed.entry("[4294967296,4294967296]", 0, 4))}", data: 4,
      "shapeOverflow"),
    Malformed(
      "overflow before a zero", header: "{\"a\":\(Malformed.entry("[4294967296,4294967296,0]", 0, 0))}", "shapeOverflow"
    ),
    Malformed(
      "overflow after a zero", header: "{\"a\":\(Malformed.entry("[0,4294967296,4294967296]", 0, 0))}", "shapeOverflow"),
    Malformed("too few bytes", header: "{\"a\":\(Malformed.entry("[2]", 0, 4))}", data: 4, "sizeMismatch"),
    Malformed("too many bytes", header: "{\"a\":\(Malformed.entry("[1]", 0, 8))}", data: 8, "sizeMismatch"),
    Malformed("end beyond the data", header: "{\"a\":\(Malformed.entry("[2]", 0, 8))}", data: 4, "offsetsOutOfRange"),
    Malformed("negative begin", header: "{\"a\":\(Malformed.entry("[2]", -4, 4))}", data: 4, "offsetsOutOfRange"),
    Malformed("end before begin", header: "{\"a\":\(Malformed.entry("[1]", 4, 0))}", data: 4, "offsetsOutOfRange"),
    Malformed(
      "overlap", header: "{\"a\":\(Malformed.entry("[2]", 0, 8)),\"b\":\(Malformed.entry("[2]", 4, 12))}", data: 12,
      "overlap"),
    Malformed("two tensors, same bytes", header: "{\"a\":\(ok),\"b\":\(ok)}", data: 4, "overlap"),
    Malformed("gap", header: "{\"a\":\(ok),\"b\":\(Malformed.entry("[1]", 8, 12))}", data: 12, "gap"),
    Malformed("gap at the start", header: "{\"a\":\(Malformed.entry("[1]", 4, 8))}", data: 8, "gap"),
    Malformed("trailing bytes", header: "{\"a\":\(ok)}", data: 5, "trailingBytes"),
    Malformed("bytes without tensor", header: "{}", data: 1, "trailingBytes"),
  ]

  @Test(arguments: corpus) func isRefused(_ item: Malformed) throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("broken.safetensors", item.bytes)
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: url) }
    #expect(caseName(error) == item.expected, "\(error)")
    #expect(error.description.hasPrefix(url.path) && !error.description.contains("\n"), "\(error)")
  }

  @Test func everyKindOfErrorIsCovered() {
    #expect(Set(Self.corpus.map(\.expected)).count == 16)
  }

  @Test func missingFile() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.file("nothing")) }
    #expect(caseName(error) == "file" && !error.description.contains("\n"))
    #expect(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.url) }
  }

  @Test func emptyHeaderIsFine() throws {
    let folder = try TemporaryFolder()
    let file = try SafeTensors(mapping: folder.file("empty", Malformed.file(Data("{}      ".utf8), data: 0)))
    #expect(file.names.isEmpty && file.metadata.isEmpty)
  }

  /// Random changes of single bytes, and every truncation: either an error, or a file whose tensors can all be read.
  @Test func damagedFilesNeverTrap() throws {
    let folder = try TemporaryFolder()
    let original = try #require(Data(base64Encoded: SafeTensorsTests.fromPython))
    var generator = Philox(seed: 11, stream: "fuzz")
    var refused = 0
    func check(_ data: Data) throws {
      let url = try folder.file("fuzz", data)
      do {
        let file = try SafeTensors(mapping: url)
        for name in file.names { _ = try file.tensor(name) }
      } catch {
        refused += 1
      }
    }
    for length in 0..<original.count { try check(original.prefix(length)) }
    #expect(refused == original.count)
    let headerEnd = 8 + Int(original[0]) + Int(original[1]) << 8
    let alphabet = Array("0123456789{}[]\",:-.eF\\ \u{0}".utf8) + [0xff, 0x80]
    for _ in 0..<3000 {
      var data = original
      for _ in 0...generator.next(below: 3) {
        data[generator.next(below: headerEnd)] = alphabet[generator.next(below: alphabet.count)]
      }
      try check(data)
    }
    #expect(refused > original.count + 1000)
  }
}
