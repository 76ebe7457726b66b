import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("GGUF: errors say what, where and how to mend")
struct GGUFErrorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The error of opening a file with the given bytes.
  private func error(_ bytes: [UInt8]) throws -> ModelFileError {
    let url = folder.file("bad.gguf")
    try Data(bytes).write(to: url)
    return try #require(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: url) }
  }

  /// The bytes of a header for tests, from its parts.
  private func header(tensors: UInt64 = 0, entries: UInt64 = 0, version: UInt32 = 3, _ rest: [UInt8] = []) -> [UInt8] {
    Array("GGUF".utf8) + bytes(version) + bytes(tensors) + bytes(entries) + rest
  }

  private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  private func text(_ value: String) -> [UInt8] { bytes(UInt64(value.utf8.count)) + Array(value.utf8) }

  private func tensor(_ name: String, shape: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) -> [UInt8] {
    text(name) + bytes(UInt32(shape.count)) + shape.flatMap { bytes($0) } + bytes(type) + bytes(offset)
  }

  @Test("magic and version")
  func beginnings() throws {
    #expect(try error([]).kind == .truncated)
    #expect(try error(Array("GGML....".utf8)).kind == .wrongMagic)
    #expect(try error(header(version: 1)).kind == .unsupported)
    #expect(try error(header(version: 4)).problem.contains("version 4"))
    #expect(try error(header(version: 0x0300_0000)).problem.contains("big-endian"))
  }

  @Test("counts beyond the file are refused before anything is allocated")
  func counts() throws {
    let many = try error(header(tensors: .max))
    #expect(many.kind == .limitExceeded && many.field == "number of tensors" && many.offset == 8)
    #expect(try error(header(entries: 1 << 60)).field == "number of metadata entries")
    let array = try error(header(entries: 1, text("key") + bytes(UInt32(9)) + bytes(UInt32(4)) + bytes(UInt64.max)))
    #expect(array.kind == .limitExceeded && array.field == "length of key" && array.offset == 43)
    #expect(try error(header(entries: 1, bytes(UInt64.max) + Array(repeating: 0, count: 20))).kind == .limitExceeded)
  }

  @Test("metadata: unknown types, doubled keys, bad texts and truth values, deep nesting")
  func metadata() throws {
    #expect(try error(header(entries: 1, text("k") + bytes(UInt32(13)) + bytes(UInt64(0)))).kind == .unsupported)
    let entry = text("k") + bytes(UInt32(0)) + [1]
    #expect(try error(header(entries: 2, entry + entry)).kind == .duplicate)
    #expect(try error(header(entries: 1, text("k") + bytes(UInt32(7)) + [2])).kind == .invalidValue)
    #expect(try error(header(entries: 1, bytes(UInt64(1)) + [0xff] + bytes(UInt32(0)) + [1])).problem.contains("UTF-8"))
    #expect(try error(header(entries: 1, text("") + bytes(UInt32(0)) + [1])).problem.contains("empty"))
    let nest = (0..<64).flatMap { _ in bytes(UInt32(9)) + bytes(UInt64(1)) }
    #expect(try error(header(entries: 1, text("k") + bytes(UInt32(9)) + nest)).kind == .limitExceeded)
    let alignment = text("general.alignment") + bytes(UInt32(4)) + bytes(UInt32(24))
    #expect(try error(header(entries: 1, alignment)).field == "general.alignment")
  }

  @Test("tensors: rank, dimensions, type, blocks, places")
  func tensors() throws {
    let room = [UInt8](repeating: 0, count: 256)
    #expect(try error(header(tensors: 1, tensor("t", shape: []) + room)).field == "t: number of dimensions")
    #expect(try error(header(tensors: 1, tensor("t", shape: [1, 1, 1, 1, 1]) + room)).kind == .invalidValue)
    #expect(try error(header(tensors: 1, tensor("t", shape: [0]) + room)).field == "t: dimension 0")
    #expect(try error(header(tensors: 1, tensor("t", shape: [1 << 40]) + room)).kind == .invalidValue)
    let huge = UInt64(Int32.max)
    #expect(try error(header(tensors: 1, tensor("t", shape: [huge, huge, huge, huge]) + room)).kind == .limitExceeded)
    #expect(try error(header(tensors: 1, tensor("t", shape: [32], type: 11) + room)).kind == .unsupported)
    #expect(try error(header(tensors: 1, tensor("t", shape: [33], type: 8) + room)).problem.contains("block size 32"))
    #expect(try error(header(tensors: 1, tensor("t", shape: [4], offset: 8) + room)).kind == .misplaced)
    #expect(try error(header(tensors: 1, tensor("t", shape: [4], offset: 1 << 20) + room)).kind == .truncated)
    #expect(try error(header(tensors: 1, tensor("t", shape: [4], offset: .max - 31) + room)).kind == .truncated)
    let same = tensor("t", shape: [4])
    #expect(try error(header(tensors: 2, same + same + room)).kind == .duplicate)
    let overlap = try error(header(tensors: 2, tensor("a", shape: [16]) + tensor("b", shape: [4], offset: 32) + room))
    #expect(overlap.kind == .misplaced && overlap.problem.contains("overlaps a"))
  }

  @Test("a scale or weight that is not finite is named by row and column", arguments: TensorType.allCases)
  func nonFinite(type: TensorType) throws {
    var random = Philox(seed: 9, stream: "non-finite")
    let columns = type.blockSize * 2
    let matrix = RandomBlocks.matrix(type, rows: 4, columns: columns, using: &random)
    var bytes = matrix.withUnsafeBytes { Array($0) }
    let scales: [Int: Int] =
      switch type {
      case .f32, .f16, .bf16: [0: type.bytesPerBlock]
      case .q4_1, .q5_1, .q4_K, .q5_K: [2: 2]
      case .q6_K: [208: 2]
      default: [0: 2]
      }
    let block = 5
    for (start, count) in scales {
      for index in 0..<count { bytes[block * type.bytesPerBlock + start + index] = 0xff }
    }
    var writer = GGUFWriter()
    writer.add("w", QuantizedMatrix(copying: bytes, type: type, rows: 4, columns: columns))
    try writer.write(to: folder.file("nan.gguf"))
    let file = try GGUFFile(contentsOf: folder.file("nan.gguf"))
    let error = try #require(throws: ModelFileError.self) { try file.tensor(named: "w") }
    #expect(error.kind == .invalidValue && error.field == "w, row 2, column \(type.blockSize)")
  }

  @Test("a model that misses a tensor, has one of another shape, or is of another family")
  func models() throws {
    let url = folder.file("model.gguf")
    func error(_ writer: GGUFWriter) throws -> ModelFileError {
      try writer.write(to: url)
      return try #require(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: url) }
    }
    #expect(try error(TinyModel.writer(leavingOut: .gate(layer: 0))).field == "blk.0.ffn_gate.weight")
    var misshapen = try TinyModel.writer(leavingOut: .up(layer: 0))
    try misshapen.add(.up(layer: 0), Tensor(zeros: [16, 32]), as: .f32)
    #expect(try error(misshapen).kind == .shapeMismatch)
    for (key, value, kind) in [
      ("general.architecture", MetadataValue.string("bert"), ModelFileError.Kind.unsupported),
      ("general.architecture", .uint32(1), .invalidValue),
      ("llama.block_count", .uint32(100_000), .invalidValue),
      ("llama.block_count", .uint32(1000), .shapeMismatch),
      ("llama.block_count", .array(.uint32([1])), .invalidValue),
      ("llama.attention.head_count", .uint32(0), .invalidValue),
      ("llama.attention.head_count_kv", .int32(-1), .invalidValue),
      ("llama.attention.key_length", .uint64(1 << 62), .unsupported),
      ("llama.attention.layer_norm_rms_epsilon", .float32(.nan), .invalidValue),
      ("llama.rope.freq_base", .float32(0), .invalidValue),
      ("llama.rope.scaling.type", .string("yarn"), .unsupported),
      ("llama.expert_count", .uint32(8), .unsupported),
    ] {
      var writer = try TinyModel.writer()
      writer.metadata[key] = value
      #expect(try error(writer).kind == kind, "\(key) = \(value)")
    }
    var incomplete = try TinyModel.writer()
    incomplete.metadata["llama.context_length"] = nil
    #expect(try error(incomplete).kind == .missing)
  }

  @Test("nothing there, a folder without a model, a device")
  func places() throws {
    let nothing = try #require(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: folder.file("no.gguf")) }
    #expect(nothing.kind == .notFound && nothing.description.contains("make model"))
    let empty = try #require(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: folder.url) }
    #expect(empty.kind == .notFound)
    #expect(throws: ModelFileError.self) { _ = try ModelFile(contentsOf: URL(fileURLWithPath: "/dev/null")) }
  }
}
