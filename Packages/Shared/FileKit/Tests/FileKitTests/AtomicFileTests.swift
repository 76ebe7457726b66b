import FileKit
import Foundation
import Testing

@Suite struct AtomicFileTests {
  @Test func createsFoldersAndReplaces() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("a/b/c.txt")
    try AtomicFile.write("one", to: url)
    try AtomicFile.write("two", to: url)
    #expect(try String(contentsOf: url, encoding: .utf8) == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("a/b").path) == ["c.txt"])
  }

  @Test func streamedPiecesOfAllSizes() throws {
    let folder = try TemporaryFolder()
    var expected = Data()
    try AtomicFile.write(to: folder.file("stream")) { writer in
      for size in [0, 1, 100_000, 262_143, 262_144, 262_145, 700_000, 3] {
        let piece = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 ^ size) })
        expected.append(piece)
        try writer.write(piece)
        #expect(writer.count == expected.count)
      }
    }
    #expect(try Data(contentsOf: folder.file("stream")) == expected)
  }

  @Test func aThrowingBodyLeavesTheOldFileAndNoOther() throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("kept"))
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: folder.file("kept")) { writer in
        try writer.write(Data(count: 1_000_000))
        throw Stop()
      }
    }
    #expect(folder.names == ["kept"])
    #expect(try String(contentsOf: folder.file("kept"), encoding: .utf8) == "old")
  }

  @Test func aFolderInTheWayIsAnError() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder.file("taken"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder.file("taken")) }
    #expect(folder.names == ["taken"])
    try AtomicFile.write("x", to: folder.file("file"))
    #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder.file("file/below")) }
  }
}
