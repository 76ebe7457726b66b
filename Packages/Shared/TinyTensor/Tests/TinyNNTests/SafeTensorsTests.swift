import Foundation
import Testing
import TinyNN
import TinyTensor

/// A folder that disappears with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "tinynn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A place for a file, with the given content if any. Foundation would wait for the disk, which thousands of files cannot.
  func file(_ name: String = "test.safetensors", _ data: Data? = nil) throws -> URL {
    let file = url.appending(path: name)
    if let data {
      let stream = try #require(fopen(file.path, "wb"))
      defer { fclose(stream) }
      let written = data.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
      try #require(data.isEmpty || written == data.count)
    }
    return file
  }
}

@Suite struct SafeTensorsTests {
  /// Written by the Python package safetensors 0.8 (`safetensors.torch.save`) with one tensor of every supported type.
  static let fromPython = """
    gAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoiw6QiLCJmb3JtYXQiOiJwdCJ9LCJsb25nIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsy\
    LDFdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImRvdWJsZSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzE2LDMy\
    XX0sImVtcHR5Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNdLCJkYXRhX29mZnNldHMiOlszMiwzMl19LCJzY2FsYXIiOnsiZHR5cGUiOiJG\
    MzIiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzMyLDM2XX0sIndlaWdodCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwzXSwiZGF0YV9v\
    ZmZzZXRzIjpbMzYsNjBdfSwiaW50Ijp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNjAsNjhdfSwiYnJhaW4iOnsi\
    ZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjgsNzRdfSwiaGFsZiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbNF0s\
    ImRhdGFfb2Zmc2V0cyI6Wzc0LDgyXX0sInNpZ25lZCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbODIsODVdfSwi\
    Ynl0ZXMiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6Wzg1LDg4XX19ICAg+f////////8AAAABAAAAAJqZmZmZmbk/\
    AAAAIF+gAsIAACBAAADAPwAAEMDNzMw9gqj7NwAAAIAA4H9H+////////3+AP2DASnEAPAC4/3sBAIB/AAAH/w==
    """

  @Test func readsWhatPythonWrites() throws {
    let folder = try TemporaryFolder()
    let data = try #require(Data(base64Encoded: Self.fromPython))
    let file = try SafeTensors(mapping: folder.file("python.safetensors", data))
    #expect(file.metadata == ["format": "pt", "note": "ä"])
    let expected: [(String, SafeTensors.ElementType, [Int], [Float])] = [
      ("long", .int64, [2, 1], [-7, 16_777_216]),
      ("double", .float64, [2], [0.1, -1e10]),
      ("empty", .float32, [0, 3], []),
      ("scalar", .float32, [], [2.5]),
      ("weight", .float32, [2, 3], [1.5, -2.25, 0.1, 3e-5, -0.0, 65504]),
      ("int", .int32, [2], [-5, 2_147_483_648]),
      ("brain", .bfloat16, [3], [1, -3.5, Float(bitPattern: 0x714a_0000)]),
      ("half", .float16, [4], [1, -0.5, 65504, 0x1p-24]),
      ("signed", .int8, [3], [-128, 127, 0]),
      ("bytes", .uint8, [3], [0, 7, 255]),
    ]
    #expect(file.names == expected.map(\.0))
    for (name, type, shape, values) in expected {
      #expect(file.entry(name)?.type == type)
      #expect(try file.tensor(name) == Tensor(shape: shape, values), "\(name)")
    }
    #expect(try file.tensor("weight")[1, 1].sign == .minus)
    #expect(try file.tensors().count == 10)
    #expect(throws: SafeTensorsError.missingTensor(path: file.url.path, tensor: "nothing")) {
      try file.tensor("nothing")
    }
  }

  @Test func roundTripIsExactToTheBit() throws {
    let folder = try TemporaryFolder()
    let special: [Float] = [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1]
    let nan = Tensor(shape: [1], [Float(bitPattern: 0x7fc1_2345)])
    let tensors: [(String, Tensor)] = [
      ("layer1.0.conv.weight", sample([4, 3, 3, 3])), ("special", Tensor(shape: [7], special)), ("nan", nan),
      ("scalar", Tensor(scalar: 3)), ("empty", Tensor(zeros: [2, 0])), ("ünïcode \"quoted\"", sample([5])),
    ]
    let url = try folder.file()
    let metadata = ["epoch": "12", "text": "line\nbreak \"quoted\""]
    try SafeTensors.write(tensors, metadata: metadata, to: url)
    let file = try SafeTensors(mapping: url)
    #expect(file.names.sorted() == tensors.map(\.0).sorted() && file.metadata == metadata)
    for (name, tensor) in tensors {
      let read = try file.tensor(name)
      #expect(read.shape == tensor.shape)
      #expect(read.scalars.map(\.bitPattern) == tensor.scalars.map(\.bitPattern), "\(name)")
    }
    // The data begin on an 8-byte boundary, and the same content gives the same bytes.
    let bytes = try Data(contentsOf: url)
    #expect(bytes[0] % 8 == 0)
    try SafeTensors.write(tensors, metadata: metadata, to: url)
    #expect(try Data(contentsOf: url) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["test.safetensors"])
  }

  @Test func shorterElementTypes() throws {
    let folder = try TemporaryFolder()
    let x = Tensor(shape: [6], [1, -2.5, 0.1, 65504, 1e6, 1e-9])
    let half = try folder.file("half.safetensors")
    try SafeTensors.write([("x", x)], to: half, precision: .float16)
    expectClose(
      Array(try SafeTensors(mapping: half).tensor("x").scalars.prefix(4)), [1, -2.5, 0.0999755859375, 65504])
    #expect(try SafeTensors(mapping: half).tensor("x").scalars.suffix(2) == [.infinity, 0])
    let brain = try folder.file("brain.safetensors")
    try SafeTensors.write([("x", x)], to: brain, precision: .bfloat16)
    let read = try SafeTensors(mapping: brain)
    #expect(read.entry("x")?.type == .bfloat16)
    for (value, exact) in zip(try read.tensor("x").scalars, x.scalars) {
      #expect(abs(value - exact) <= abs(exact) / 256)
    }
  }

  @Test func rawBytes() throws {
    let folder = try TemporaryFolder()
    let url = try folder.file()
    try SafeTensors.write([("a", Tensor(zeros: [3])), ("b", Tensor(shape: [1], [1]))], to: url)
    let file = try SafeTensors(mapping: url)
    let bytes = try file.withUnsafeBytes(of: "b") { _, bytes in Array(bytes) }
    #expect(bytes == [0, 0, 0x80, 0x3f])
  }

  @Test func refusesToWriteWhatCannotBeRead() throws {
    let folder = try TemporaryFolder()
    let url = try folder.file()
    #expect(throws: SafeTensorsError.reservedName(path: url.path, tensor: "__metadata__")) {
      try SafeTensors.write([("__metadata__", Tensor(zeros: [1]))], to: url)
    }
    #expect(throws: SafeTensorsError.duplicateName(path: url.path, problem: "'a' is written twice")) {
      try SafeTensors.write([("a", Tensor(zeros: [1])), ("a", Tensor(zeros: [1]))], to: url)
    }
    #expect(!FileManager.default.fileExists(atPath: url.path))
  }

  @Test func modulesLoadByName() throws {
    var generator = Philox(seed: 1, stream: 1)
    let source = LinearLayer("fc", inputs: 3, outputs: 2, using: &generator)
    let target = LinearLayer("fc", inputs: 3, outputs: 2, using: &generator)
    let other = LinearLayer("fc", inputs: 4, outputs: 2, using: &generator)
    let folder = try TemporaryFolder()
    let url = try folder.file()
    try SafeTensors.write(source.namedTensors, to: url)
    let file = try SafeTensors(mapping: url)
    try target.load(from: file)
    #expect(target.weight.value == source.weight.value && target.bias?.value == source.bias?.value)
    let before = other.weight.value
    #expect(throws: SafeTensorsError.self) { try other.load(from: file) }
    #expect(other.weight.value == before)
  }
}
