import FileKit
import Foundation
import Testing

@Suite struct MappedFileTests {
  @Test func showsTheBytes() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data([1, 2, 3, 4]), to: folder.file("four"))
    let file = try MappedFile(folder.file("four"))
    #expect(file.count == 4)
    #expect(file.withUnsafeBytes { Array($0) } == [1, 2, 3, 4])
    #expect(file.data(in: 1..<3) == Data([2, 3]))
    #expect(file.data(in: 3..<9) == Data([4]))
    #expect(file.data(in: 7..<9).isEmpty)
  }

  @Test func emptyFile() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data(), to: folder.file("empty"))
    let file = try MappedFile(folder.file("empty"))
    #expect(file.count == 0)
    #expect(file.withUnsafeBytes { $0.isEmpty })
  }

  @Test func typedErrorsPassThroughTheClosure() throws {
    struct Stop: Error, Equatable { let code: Int }
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data([1]), to: folder.file("one"))
    let file = try MappedFile(folder.file("one"))
    #expect(throws: Stop(code: 7)) {
      try file.withUnsafeBytes { (_: UnsafeRawBufferPointer) throws(Stop) -> Int in throw Stop(code: 7) }
    }
  }

  @Test func aMappingKeepsTheReplacedContents() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("name"))
    let file = try MappedFile(folder.file("name"))
    try AtomicFile.write("new and longer", to: folder.file("name"))
    #expect(file.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "old")
  }

  @Test(arguments: ["/nonexistent/file", "/tmp", "/dev/null"])
  func whatCannotBeMapped(path: String) {
    let error = #expect(throws: FileError.self) { try MappedFile(URL(fileURLWithPath: path)) }
    #expect(error?.description.hasPrefix(path) == true)
    #expect(error?.description.contains("\n") == false)
  }
}
