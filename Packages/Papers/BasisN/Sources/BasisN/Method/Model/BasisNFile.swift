import FileKit
import Foundation
import JSONC
import TinyTensor
import VisionModels

/// The `.basisn` format, version 1:
///
/// ```
/// "BASISN01" · UInt64 length of the header · header (JSON) · payload
/// ```
///
/// The header describes the network, the basis and every layer, and holds the payload's length and SHA-256, which are checked
/// before anything of it is used. The payload is little-endian: basis levels (Int8); per layer the entries of every slice
/// (UInt16 count), vectors (UInt16), coefficients (Int8), factors (Float32); then the other tensors (Float32).
public enum BasisNFile {
  static let magic = Data("BASISN01".utf8)
  static let version = 1
  static let maximumHeader = 64 << 20

  struct Header: Codable {
    struct Layer: Codable {
      var shape: LayerShape
      var slicing: Slicing
      var entries: Int
      var input: InputQuantizer
    }
    struct Parameter: Codable {
      var name: String
      var shape: [Int]
    }
    var version: Int
    var configuration: EncodingConfiguration
    var basisCount: Int
    var basisLength: Int
    var cellBits: Int
    var layers: [Layer]
    var parameters: [Parameter]
    var architecture: NetworkArchitecture
    var metadata: [String: String]
    var payloadBytes: Int
    var payloadSHA256: String
  }

  /// Writes a model, atomically.
  public static func write(_ model: BasisNModel, to url: URL) throws(BasisNError) {
    let coded = Set(model.layers.map { $0.shape.name + ".weight" })
    let others = model.network.parameters.filter { !coded.contains($0.key) }.sorted { $0.key < $1.key }
    var payload = Data()
    model.basis.levels.forEach { payload.append(UInt8(bitPattern: $0)) }
    for layer in model.layers {
      for slice in 0..<layer.scales.count { payload.append(UInt16(layer.starts[slice + 1] - layer.starts[slice])) }
      layer.atoms.forEach { payload.append($0) }
      layer.values.forEach { payload.append(UInt8(bitPattern: $0)) }
      layer.scales.forEach { payload.append($0.bitPattern) }
    }
    for (_, tensor) in others { tensor.scalars.forEach { payload.append($0.bitPattern) } }
    let header = Header(
      version: version, configuration: model.configuration, basisCount: model.basis.count,
      basisLength: model.basis.length, cellBits: model.basis.cellBits,
      layers: model.layers.map {
        .init(shape: $0.shape, slicing: $0.slicing, entries: $0.atoms.count, input: $0.input)
      },
      parameters: others.map { .init(name: $0.key, shape: $0.value.shape) },
      architecture: NetworkArchitecture(model.network), metadata: model.network.metadata,
      payloadBytes: payload.count, payloadSHA256: SHA256.hexDigest(of: payload))
    do {
      let text = try JSON.encode(header)
      var data = magic
      data.append(UInt64(text.count))
      try AtomicFile.write(data + text + payload, to: url)
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
  }

  /// Reads a model.
  /// - Throws: ``BasisNError/file(_:)``, ``BasisNError/invalidFile(path:detail:)``.
  public static func read(_ url: URL) throws(BasisNError) -> BasisNModel {
    let data: Data
    do {
      let file = try MappedFile(url)
      data = file.data(in: 0..<file.count)
    } catch {
      throw .file(error)
    }
    return try parse(data, path: url.path)
  }

  /// Parses the bytes of a file.
  public static func parse(_ data: Data, path: String) throws(BasisNError) -> BasisNModel {
    do {
      var cursor = ByteCursor(data, path: path)
      guard try cursor.bytes(magic.count) == magic else {
        throw BasisNError.invalidFile(path: path, detail: "does not begin with BASISN01; not a .basisn file")
      }
      let length = try cursor.integer(UInt64.self)
      guard length <= UInt64(maximumHeader), let count = Int(exactly: length) else {
        throw BasisNError.invalidFile(path: path, detail: "a header of \(length) bytes; the file is damaged")
      }
      let header = try header(cursor.bytes(count), path: path)
      let payload = cursor.rest
      guard payload.count == header.payloadBytes else {
        throw BasisNError.invalidFile(
          path: path,
          detail: "\(payload.count) bytes after the header, expected \(header.payloadBytes); the file is truncated")
      }
      guard SHA256.hexDigest(of: payload) == header.payloadSHA256 else {
        throw BasisNError.invalidFile(
          path: path, detail: "the checksum does not fit; the file is damaged, write it again")
      }
      return try model(header, payload: payload, path: path)
    } catch let error as BasisNError {
      throw error
    } catch {
      throw .invalidFile(path: path, detail: "\(error)")
    }
  }

  private static func header(_ data: Data, path: String) throws -> Header {
    guard let number = try JSON.parse(data)["version"]?.intValue, number <= version else {
      throw BasisNError.invalidFile(path: path, detail: "written by a newer version; update hardwise")
    }
    let header = try JSON.decode(Header.self, from: data)
    try header.configuration.validate()
    let counts =
      header.layers.map(\.entries) + header.parameters.flatMap(\.shape) + [header.basisCount, header.basisLength]
    guard counts.allSatisfy({ (0...1 << 31).contains($0) }) else {
      throw BasisNError.invalidFile(path: path, detail: "the header has an impossible size")
    }
    return header
  }

  private static func model(_ header: Header, payload: Data, path: String) throws -> BasisNModel {
    var cursor = ByteCursor(payload, path: path)
    let levels = try cursor.bytes(header.basisCount * header.basisLength).map { Int8(bitPattern: $0) }
    let basis = try BasisSet(
      count: header.basisCount, length: header.basisLength, cellBits: header.cellBits, levels: levels)
    var layers: [EncodedLayer] = []
    for layer in header.layers {
      let shape = try LayerShape(
        name: layer.shape.name, outputs: layer.shape.outputs, reduction: layer.shape.reduction,
        groups: layer.shape.groups, windows: layer.shape.windows)
      let slicing = Slicing(
        reduction: shape.reduction, rows: header.configuration.rows, rule: header.configuration.slicing)
      guard slicing == layer.slicing else {
        throw BasisNError.invalidFile(
          path: path, detail: "layer \(shape.name) is cut in another way than its configuration says")
      }
      var starts: [Int32] = [0]
      for count in try cursor.integers(UInt16.self, shape.outputs * slicing.count) {
        starts.append((starts.last ?? 0) &+ Int32(count))
      }
      layers.append(
        try EncodedLayer(
          shape: shape, slicing: slicing, starts: starts, atoms: try cursor.integers(UInt16.self, layer.entries),
          values: try cursor.bytes(layer.entries).map { Int8(bitPattern: $0) },
          scales: try cursor.floats(shape.outputs * slicing.count), input: layer.input, basis: basis.count))
    }
    var network = try header.architecture.network()
    network.metadata = header.metadata
    for parameter in header.parameters {
      guard let own = network.parameters[parameter.name], own.shape == parameter.shape,
        case let scalars = try cursor.floats(own.count), scalars.allSatisfy(\.isFinite)
      else {
        throw BasisNError.invalidFile(
          path: path, detail: "tensor \(parameter.name) does not fit the network or is not finite")
      }
      network.parameters[parameter.name] = Tensor(shape: parameter.shape, scalars)
    }
    guard cursor.rest.isEmpty else {
      throw BasisNError.invalidFile(path: path, detail: "\(cursor.rest.count) bytes too many")
    }
    return try BasisNModel(configuration: header.configuration, basis: basis, layers: layers, network: network)
  }
}

/// Reads little-endian numbers from bytes, never beyond their end.
struct ByteCursor {
  private let data: Data
  private let path: String
  private var position: Int

  init(_ data: Data, path: String) {
    self.data = data
    self.path = path
    position = data.startIndex
  }

  /// What has not been read.
  var rest: Data { data[position...] }

  mutating func bytes(_ count: Int) throws(BasisNError) -> Data {
    guard count >= 0, count <= data.endIndex - position else {
      throw .invalidFile(
        path: path, detail: "ends at byte \(data.count), \(count) more were expected; the file is truncated")
    }
    defer { position += count }
    return data[position..<position + count]
  }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(BasisNError) -> Value {
    try bytes(MemoryLayout<Value>.size).reversed().reduce(0) { ($0 << 8) | Value($1) }
  }

  mutating func integers(_ type: UInt16.Type, _ count: Int) throws(BasisNError) -> [UInt16] {
    let raw = [UInt8](try bytes(2 * count))
    return (0..<count).map { UInt16(raw[2 * $0]) | UInt16(raw[2 * $0 + 1]) << 8 }
  }

  mutating func floats(_ count: Int) throws(BasisNError) -> [Float] {
    let raw = [UInt8](try bytes(4 * count))
    return (0..<count).map { index in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(raw[4 * index + $1]) << UInt32(8 * $1) })
    }
  }
}

extension Data {
  /// Appends a number, little-endian.
  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
