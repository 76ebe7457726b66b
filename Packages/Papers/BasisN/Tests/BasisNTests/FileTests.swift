import BasisN
import FileKit
import Foundation
import Testing
import TinyTensor
import VisionModels

@Suite struct FileTests {
  static func bytes(_ model: BasisNModel) throws -> Data {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).basisn")
    defer { try? FileManager.default.removeItem(at: url) }
    try BasisNFile.write(model, to: url)
    return try Data(contentsOf: url)
  }

  @Test func modelsSurviveTheRoundTrip() throws {
    for network in [try Fixtures.network(), try Fixtures.grouped()] {
      var configuration = Fixtures.configuration()
      configuration.digitalLayers = network.name == "grouped" ? ["last"] : []
      let model = try Fixtures.model(network, configuration: configuration)
      let copy = try BasisNFile.parse(Self.bytes(model), path: "copy")
      #expect(copy.basis == model.basis)
      #expect(copy.layers == model.layers)
      #expect(copy.configuration == model.configuration)
      #expect(copy.network.parameters == model.network.parameters)
      #expect(copy.network.metadata == model.network.metadata)
      let images = Fixtures.images(network)
      #expect(
        try Fixtures.logits(copy.integerNetwork(), images) == Fixtures.logits(model.integerNetwork(), images))
    }
  }

  @Test func truncationIsNoticedEverywhere() throws {
    let data = try Self.bytes(Fixtures.model(Fixtures.network()))
    for count in stride(from: 0, to: data.count, by: 97) {
      #expect(throws: BasisNError.self) { try BasisNFile.parse(data.prefix(count), path: "short") }
    }
    #expect(throws: BasisNError.self) { try BasisNFile.parse(data + Data([0]), path: "long") }
  }

  /// Every byte of the payload is covered by the checksum; every byte of the header either makes it unreadable, or leaves a
  /// file that still is a model.
  @Test func flippedBytesNeverCrash() throws {
    let data = try Self.bytes(Fixtures.model(Fixtures.grouped(), configuration: Fixtures.configuration(basis: 8)))
    let payload = 16 + data[8..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
    for index in stride(from: 0, to: data.count, by: 7) {
      var damaged = data
      damaged[index] ^= 0x11
      if index >= payload || index < 16 {
        #expect(throws: BasisNError.self) { try BasisNFile.parse(damaged, path: "flipped") }
      } else {
        _ = try? BasisNFile.parse(damaged, path: "flipped")
      }
    }
  }

  @Test func headersThatLieAreRefused() throws {
    let data = try Self.bytes(Fixtures.model(Fixtures.network()))
    let length = data[8..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: data[16..<16 + length], as: UTF8.self)
    func changed(_ old: String, _ new: String) -> Data {
      precondition(header.contains(old))
      let text = Data(header.replacingOccurrences(of: old, with: new).utf8)
      var result = Data("BASISN01".utf8)
      result += (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
      return result + text + data[(16 + length)...]
    }
    #expect(throws: Never.self) { try BasisNFile.parse(changed("\"version\":1", "\"version\":1"), path: "same") }
    for (old, new) in [
      ("\"version\":1", "\"version\":2"), ("\"basisCount\":24", "\"basisCount\":23"),
      ("\"nonzeros\":6", "\"nonzeros\":99"),
      ("\"cellBits\":4", "\"cellBits\":1"), ("\"basisLength\":32", "\"basisLength\":4611686018427387904"),
      ("\"payloadBytes\":", "\"payloadBytes\":1"), ("\"rows\":32", "\"rows\":20"),
    ] {
      #expect(throws: BasisNError.self, "\(new)") { try BasisNFile.parse(changed(old, new), path: "lie") }
    }
  }

  @Test func layersThatContradictThemselvesAreRefused() throws {
    let shape = try LayerShape(name: "l", outputs: 1, reduction: 4, windows: 1)
    let slicing = Slicing(reduction: 4, rows: 4)
    let input = try InputQuantizer(scale: 1)
    func layer(_ starts: [Int32], _ atoms: [UInt16], _ values: [Int8], _ scales: [Float]) throws -> EncodedLayer {
      try EncodedLayer(
        shape: shape, slicing: slicing, starts: starts, atoms: atoms, values: values, scales: scales, input: input,
        basis: 4)
    }
    #expect(throws: Never.self) { try layer([0, 2], [0, 3], [1, -1], [1]) }
    #expect(throws: BasisNError.self) { try layer([0, 2], [0, 4], [1, -1], [1]) }
    #expect(throws: BasisNError.self) { try layer([0, 1], [0, 3], [1, -1], [1]) }
    #expect(throws: BasisNError.self) { try layer([0, 2], [0, 3], [1], [1]) }
    #expect(throws: BasisNError.self) { try layer([0, 2], [0, 3], [1, -1], [.nan]) }
    #expect(throws: BasisNError.self) { try BasisSet(count: 1, length: 2, cellBits: 2, levels: [3, 4]) }
    #expect(throws: BasisNError.self) { try InputQuantizer(scale: 0) }
    #expect(throws: BasisNError.self) { try InputQuantizer(scale: 1, zeroPoint: 256) }
  }
}
