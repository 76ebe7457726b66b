import Foundation
import JSONC
import Testing

@Suite struct FileTests {
  private func withFile(_ text: String, _ body: (URL) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("jsonc-\(UUID().uuidString).json")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url)
  }

  @Test func reading() throws {
    try withFile("{\"a\": [1, 2]}") { url in
      let table = try JSON.read([String: [Int]].self, from: url)
      #expect(table == ["a": [1, 2]])
      let value = try JSON.parse(contentsOf: url)
      #expect(value["a"]?[1] == 2)
    }
  }

  @Test func errorsNameTheFile() throws {
    try withFile("{\n\"a\": x}") { url in
      let error = #expect(throws: JSONError.self) { try JSON.read([String: Int].self, from: url) }
      #expect(error?.description == "\(url.path):2:6: unexpected character")
    }
    try withFile("{\"a\": \"x\"}") { url in
      let error = #expect(throws: JSONError.self) { try JSON.read([String: Int].self, from: url) }
      #expect(error?.description == "\(url.path): a: expected a whole number, found the string \"x\"")
      let tooLong = #expect(throws: JSONError.self) {
        try JSON.parse(contentsOf: url, limits: JSONLimits(maximumBytes: 3))
      }
      #expect(tooLong?.file == url.path)
    }
  }

  @Test(arguments: ["/nonexistent.json", "/tmp", "/dev/zero"])
  func whatIsNotAFile(path: String) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(contentsOf: URL(fileURLWithPath: path)) }
    #expect(error?.description.hasPrefix("\(path): ") == true)
  }
}
