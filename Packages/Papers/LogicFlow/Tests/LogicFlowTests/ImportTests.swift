import Foundation
import LogicFlow
import Testing
import TinyNN
import TinyTensor

@Suite struct ImportTests {
  private func temporary(_ ending: String) -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("logicflow-\(UUID().uuidString).\(ending)")
  }

  /// Layers in numerical order, with a batch normalisation folded into the one before it.
  @Test func safetensorsWithNormalisation() throws {
    let url = temporary("safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    let weight = Tensor(shape: [2, 3], [1, -2, 3, 0.5, 0, -1])
    try SafeTensors.write(
      [
        ("net.10.weight", Tensor(shape: [2, 2], [1, 0, 0, 1])), ("net.10.bias", Tensor(shape: [2], [0, 0])),
        ("net.2.weight", weight), ("net.2.bias", Tensor(shape: [2], [1, 2])),
        ("net.3.weight", Tensor(shape: [2], [2, 4])), ("net.3.bias", Tensor(shape: [2], [0.5, -1])),
        ("net.3.running_mean", Tensor(shape: [2], [1, -1])), ("net.3.running_var", Tensor(shape: [2], [4, 0.25])),
      ], to: url)
    let network = try NetworkImport.read(url)
    #expect(network.layers.count == 2)
    let x = Tensor(shape: [1, 3], [0.3, 0.1, 0.7])
    // a = (3.2, 1.45); normalised (2.2 / 2 · 2 + 0.5, 2.45 / 0.5 · 4 − 1).
    let hidden = network.activations(x)[0].scalars
    #expect(abs(hidden[0] - 2.7) < 1e-3 && abs(hidden[1] - 18.6) < 1e-2)
  }

  /// A network of raw features gives the same outputs on scaled ones.
  @Test func rawInputsAreRescaled() throws {
    let table = try SampleTable(name: "t", features: ["a", "b"], values: [10, -5, 30, 5], labels: [0, 1])
    let scaler = FeatureScaler(fitting: table)
    let raw = FloatNetwork(sizes: [2, 4, 2], seed: 3)
    let scaled = try NetworkImport.scaled(raw, by: scaler)
    let before = raw.activations(Tensor(shape: [1, 2], [22, 1]))[1].scalars
    let after = scaled.activations(Tensor(shape: [1, 2], [0.6, 0.6]))[1].scalars
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(throws: LogicFlowError.self) { try NetworkImport.scaled(FloatNetwork(sizes: [3, 2], seed: 0), by: scaler) }
  }

  @Test func archivesInBothOrders() throws {
    let url = temporary("npz")
    defer { try? FileManager.default.removeItem(at: url) }
    // `[input, output]` as scikit-learn keeps it, in Fortran order as numpy writes a transposed array, and `[output, input]`.
    try Npz.archive([
      ("coef", Npz.array([2, 3], [1, 2, 3, 4, 5, 6], isFortran: true)), ("intercept", Npz.array([3], [7, 8, 9])),
      ("out", Npz.array([2, 3], [1, 0, 0, 0, 1, 0])), ("outBias", Npz.array([2], [0, 1])),
    ]).write(to: url)
    let network = try NetworkImport.read(url)
    #expect(network.layers[0].weight == Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6]))
    #expect(network.layers[0].bias.scalars == [7, 8, 9] && network.layers[1].weight.shape == [2, 3])
  }

  /// Every prefix, and the usual mistakes, are errors of one line.
  @Test func brokenArchivesAreRefused() throws {
    let good = Npz.archive([("a", Npz.array([1, 2], [1, 2]))])
    _ = try NumpyArchive(data: good, name: "t.npz")
    for length in stride(from: 0, to: good.count, by: 7) {
      #expect(throws: LogicFlowError.self) { try NumpyArchive(data: good.prefix(length), name: "t.npz") }
    }
    var compressed = good
    compressed[compressed.count - 22 - 51 + 10] = 8
    for (data, part) in [
      (compressed, "numpy.savez"), (Npz.archive([("a", Npz.array([1, 2], [1]))]), "cut short"),
      (Npz.archive([("a", Npz.array([1, 1, 1], [1]))]), "dimensions"),
      (Npz.archive([("a", Npz.array([1], [1], type: "<i4"))]), "float32"),
    ] {
      do {
        _ = try NumpyArchive(data: data, name: "t.npz")
        Issue.record("accepted, expected \(part)")
      } catch { #expect("\(error)".contains(part) && !"\(error)".contains("\n")) }
    }
  }

  @Test func layersThatDoNotFitAreRefused() throws {
    let url = temporary("npz")
    defer { try? FileManager.default.removeItem(at: url) }
    for arrays in [
      [("a", Npz.array([2, 2], [1, 2, 3, 4])), ("b", Npz.array([2], [0, 0]))],
      [
        ("a", Npz.array([2, 2], [1, 2, 3, 4])), ("b", Npz.array([2], [0, 0])), ("c", Npz.array([1, 3], [1, 2, 3])),
        ("d", Npz.array([1], [0])),
      ],
      [("a", Npz.array([2, 2], [1, 2, 3, 4])), ("b", Npz.array([3], [0, 0, 0]))],
      [("a", Npz.array([2, 2], [1, 2, 3, .nan])), ("b", Npz.array([2], [0, 0]))],
    ] {
      try Npz.archive(arrays).write(to: url)
      #expect(throws: LogicFlowError.self) { try NetworkImport.read(url) }
    }
  }
}

/// Writes archives the way `numpy.savez` does.
private enum Npz {
  static func array(_ shape: [Int], _ values: [Float], isFortran: Bool = false, type: String = "<f4") -> Data {
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let header = "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': (\(dimensions)), }\n"
    var data = Data([0x93] + "NUMPY".utf8 + [1, 0] + little(header.utf8.count, 2) + Array(header.utf8))
    for value in values { data += little(Int(value.bitPattern), 4) }
    return data
  }

  static func archive(_ arrays: [(name: String, data: Data)]) -> Data {
    var file = Data()
    var directory = Data()
    for (name, data) in arrays {
      let entry = Array((name + ".npy").utf8)
      let sizes = little(0, 4) + little(data.count, 4) + little(data.count, 4) + little(entry.count, 2)
      let offset = file.count
      file += little(0x0403_4B50, 4) + little(20, 2) + little(0, 8) + sizes + little(0, 2) + entry + data
      directory += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + little(0, 8)
      directory += sizes + little(0, 12) + little(offset, 4) + entry
    }
    let (start, count) = (file.count, arrays.count)
    file += directory
    file += little(0x0605_4B50, 4) + little(0, 4) + little(count, 2) + little(count, 2)
    file += little(directory.count, 4) + little(start, 4) + little(0, 2)
    return file
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
  }
}
