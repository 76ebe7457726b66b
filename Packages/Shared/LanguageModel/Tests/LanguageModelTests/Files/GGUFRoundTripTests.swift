import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("GGUF: what is written is read again")
struct GGUFRoundTripTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("metadata of every type, nested arrays included")
  func metadata() throws {
    let entries: [(String, MetadataValue)] = [
      ("u8", .uint8(255)), ("i8", .int8(-128)), ("u16", .uint16(65_535)), ("i16", .int16(-32_768)),
      ("u32", .uint32(.max)), ("i32", .int32(.min)), ("u64", .uint64(.max)), ("i64", .int64(.min)),
      ("f32", .float32(-1.5e-3)), ("f64", .float64(.pi)), ("yes", .bool(true)), ("no", .bool(false)),
      ("text", .string("größer 😀\n")), ("empty", .string("")),
      ("a.u8", .array(.uint8([1, 2]))), ("a.i8", .array(.int8([-1]))), ("a.u16", .array(.uint16([7]))),
      ("a.i16", .array(.int16([-7]))), ("a.u32", .array(.uint32([]))), ("a.i32", .array(.int32([-1, 0, 1]))),
      ("a.u64", .array(.uint64([.max]))), ("a.i64", .array(.int64([.min]))), ("a.f32", .array(.float32([0.5, -0.25]))),
      ("a.f64", .array(.float64([1e300]))), ("a.bool", .array(.bool([true, false]))),
      ("a.text", .array(.string(["", "a", "日本"]))),
      ("a.a", .array(.array([.int32([1]), .string(["x", "y"]), .array([.bool([true])])]))),
    ]
    var writer = GGUFWriter()
    for (key, value) in entries { writer.metadata[key] = value }
    try writer.write(to: folder.file("m.gguf"))
    let file = try GGUFFile(contentsOf: folder.file("m.gguf"))
    #expect(file.version == 3)
    #expect(file.metadata.keys == entries.map(\.0))
    for (key, value) in entries { #expect(file.metadata[key] == value) }
  }

  @Test("tensors of every format keep their bytes, shape and alignment", arguments: [8, 32, 256])
  func tensors(alignment: Int) throws {
    var random = Philox(seed: 5, stream: "round trip")
    var writer = GGUFWriter()
    writer.metadata["general.alignment"] = .uint32(UInt32(alignment))
    var expected: [String: [UInt8]] = [:]
    for type in TensorType.allCases {
      let matrix = RandomBlocks.matrix(type, rows: 3, columns: type.blockSize * 2, using: &random)
      expected[type.name] = matrix.withUnsafeBytes { Array($0) }
      writer.add(type.name, matrix)
    }
    try writer.add("cube", Tensor.uniform([2, 3, 4], in: 0...1, using: &random), as: .f32)
    try writer.write(to: folder.file("t.gguf"))

    let file = try GGUFFile(contentsOf: folder.file("t.gguf"))
    #expect(file.alignment == alignment)
    #expect(file.tensors.allSatisfy { $0.offset.isMultiple(of: alignment) })
    for type in TensorType.allCases {
      let matrix = try file.tensor(named: type.name)
      #expect(matrix.type == type && matrix.rows == 3 && matrix.columns == type.blockSize * 2)
      #expect(matrix.withUnsafeBytes { Array($0) } == expected[type.name])
    }
    #expect(file.description(of: "cube")?.shape == [4, 3, 2])
    #expect(try file.tensor(named: "cube").rows == 6)
  }

  @Test("version 2 is read like version 3")
  func versionTwo() throws {
    var bytes = try TinyModel.bytes(in: folder)
    bytes[4] = 2
    try Data(bytes).write(to: folder.file("v2.gguf"))
    #expect(try ModelFile(contentsOf: folder.file("v2.gguf")).format == .gguf(version: 2))
  }

  @Test("a matrix outlives the file object it came from")
  func lifetime() throws {
    let url = folder.file("tiny.gguf")
    let config = TinyModel.config()
    try TinyModel.writer(config, type: .f32).write(to: url)
    func load() throws -> QuantizedMatrix { try ModelFile(contentsOf: url).tensor(.query(layer: 0)) }
    let matrix = try load()
    try FileManager.default.removeItem(at: url)
    #expect(matrix.dequantized() == TinyModel.weights(.query(layer: 0), config))
  }

  @Test("the writer refuses names twice, names too long and impossible alignments")
  func refusals() throws {
    let vector = try QuantizedMatrix(quantizing: Tensor(zeros: [4]), as: .f32)
    var twice = GGUFWriter()
    twice.add("x", vector)
    twice.add("x", vector)
    #expect(throws: ModelFileError.self) { try twice.write(to: folder.file("x")) }
    var long = GGUFWriter()
    long.add(String(repeating: "n", count: 64), vector)
    #expect(throws: ModelFileError.self) { try long.write(to: folder.file("x")) }
    var odd = GGUFWriter()
    odd.metadata["general.alignment"] = .uint32(33)
    #expect(throws: ModelFileError.self) { try odd.write(to: folder.file("x")) }
    var turned = TinyModel.config()
    turned.ropePairing = .halfSplit
    var writer = GGUFWriter()
    #expect(throws: ModelFileError.self) { try writer.setConfig(turned) }
    #expect(!FileManager.default.fileExists(atPath: folder.file("x").path))
  }
}
