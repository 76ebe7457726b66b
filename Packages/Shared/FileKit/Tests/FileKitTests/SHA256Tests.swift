import FileKit
import Foundation
import Testing

@Suite struct SHA256Tests {
  // Test vectors of FIPS 180-4 (NIST example values).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func publishedVectors(text: String, digest: String) {
    #expect(SHA256.hexDigest(of: Data(text.utf8)) == digest)
  }

  @Test func piecesEqualTheWhole() {
    let data = Data((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    var pieces = SHA256()
    for start in stride(from: 0, to: data.count, by: 777) {
      pieces.update(data[start..<min(start + 777, data.count)])
    }
    #expect(pieces.hexDigest() == SHA256.hexDigest(of: data))
  }

  @Test func copiesAreIndependent() {
    var first = SHA256()
    first.update(Data("ab".utf8))
    var second = first
    second.update(Data("x".utf8))
    first.update(Data("c".utf8))
    #expect(first.hexDigest() == SHA256.hexDigest(of: Data("abc".utf8)))
    #expect(second.hexDigest() == SHA256.hexDigest(of: Data("abx".utf8)))
    #expect(first.hexDigest() == first.hexDigest())
  }

  @Test func ofFile() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("abc", to: folder.file("abc"))
    #expect(try SHA256.hexDigest(ofFile: folder.file("abc")) == SHA256.hexDigest(of: Data("abc".utf8)))
    #expect(throws: FileError.self) { try SHA256.hexDigest(ofFile: folder.file("absent")) }
  }
}
