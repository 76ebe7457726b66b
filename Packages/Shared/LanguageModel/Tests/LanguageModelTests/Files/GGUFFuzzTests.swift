import Foundation
import LanguageModel
import Testing

/// Damaged files end in typed errors or are still valid; they never trap, hang or allocate without bound.
@Suite("GGUF: damaged files")
struct GGUFFuzzTests {
  private let folder: TemporaryFolder
  private let original: [UInt8]
  private let headerCount: Int

  init() throws {
    folder = try TemporaryFolder()
    original = try TinyModel.bytes(in: folder)
    let file = try GGUFFile(contentsOf: folder.file("tiny.gguf"))
    headerCount = try #require(file.tensors.map(\.offset).min())
  }

  /// Reads everything that there is in a file.
  private func open(_ bytes: [UInt8]) throws -> Outcome {
    // A new file each time: overwriting makes some file systems wait for the disk.
    let url = folder.file("\(UUID().uuidString).gguf")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      let file = try ModelFile(contentsOf: url)
      for tensor in file.tensors {
        let matrix = try file.tensor(named: tensor.name)
        _ = matrix.dequantizedRow(matrix.rows - 1)
      }
      _ = file.fingerprint
      let tokens = try file.tokenizer().encode("abc a<|im_end|> 1😀")
      _ = try file.tokenizer().decode(tokens)
      _ = try? file.chatTemplate()
      return .valid
    } catch let error as ModelFileError {
      #expect(!error.description.contains("\n"))
      return .refused
    } catch let error as TokenizerError {
      #expect(!error.description.contains("\n"))
      return .refused
    }
  }

  private enum Outcome { case valid, refused }

  @Test("the file as such is valid")
  func undamaged() throws { #expect(try open(original) == .valid) }

  @Test("every truncation point is an error")
  func truncations() throws {
    // Behind the header the places in between differ in nothing.
    let points = Array(0...headerCount) + Array(stride(from: headerCount, to: original.count - 32, by: 61))
    for count in points { #expect(try open(Array(original[..<count])) == .refused, "\(count) bytes") }
  }

  @Test("every byte of the header flipped", arguments: [0x01, 0x80, 0xff] as [UInt8])
  func flips(mask: UInt8) throws {
    var refused = 0
    for position in 0..<headerCount {
      var bytes = original
      bytes[position] ^= mask
      if try open(bytes) == .refused { refused += 1 }
    }
    #expect(refused > headerCount / 4)
  }

  @Test("every place overwritten as if it were a length", arguments: [UInt64.max, UInt64(Int64.max), 0, 1 << 32])
  func lengths(value: UInt64) throws {
    for position in 0..<headerCount - 8 {
      var bytes = original
      withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(position..<position + 8, with: $0) }
      _ = try open(bytes)
    }
  }

  @Test("every place overwritten as if it were a 32-bit number", arguments: [UInt32.max, 9])
  func numbers(value: UInt32) throws {
    for position in 0..<headerCount - 4 {
      var bytes = original
      withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(position..<position + 4, with: $0) }
      _ = try open(bytes)
    }
  }
}
