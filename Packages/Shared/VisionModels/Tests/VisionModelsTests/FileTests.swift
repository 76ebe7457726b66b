import Foundation
import ImageDataset
import JSONC
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite struct FileTests {
  @Test func selfDescribingFilesRebuildAnyWidth() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "pruned.safetensors")
      var network = Fixture.randomized(try Models.resnetCIFAR(depth: 8, classes: 7, width: 5))
      network.name = "pruned"
      network.metadata["history"] = "pruned twice"
      network.normalization = .cifar10
      network.frozenParameters = ["conv1.weight"]
      try network.save(to: url, extraMetadata: ["widths": "5"])
      let loaded = try Network(loading: url)
      #expect(loaded.name == "pruned")
      #expect(loaded.nodes == network.nodes)
      #expect(loaded.parameters == network.parameters)
      #expect(loaded.frozenParameters == network.frozenParameters)
      #expect(loaded.metadata["history"] == "pruned twice")
      #expect(loaded.metadata["widths"] == "5")
      #expect(loaded.normalization == .cifar10)
    }
  }

  @Test func halfPrecisionRoundsOnce() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "half.safetensors")
      let network = Fixture.randomized(try NetworkGraphTests.tiny())
      try network.save(to: url, precision: .float16)
      let loaded = try Network(loading: url)
      for (name, tensor) in network.parameters {
        let other = try #require(loaded.parameters[name])
        for index in 0..<tensor.count { #expect(abs(tensor.scalars[index] - other.scalars[index]) < 1e-3) }
      }
      try loaded.save(to: url, precision: .float16)
      #expect(try Network(loading: url).parameters == loaded.parameters)
    }
  }

  @Test func plainCheckpointsLoadByModelName() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "plain.safetensors")
      let network = Fixture.randomized(try Models.resnetCIFAR(depth: 20, classes: 3))
      var tensors = network.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      tensors.append(("bn1.num_batches_tracked", Tensor(scalar: 5)))
      try SafeTensors.write(tensors, metadata: [:], to: url)
      let loaded = try Network(loading: url, model: "resnet20")
      #expect(loaded.classes == 3)
      #expect(loaded.parameters == network.parameters)
      guard case .invalidFile = error({ try Network(loading: url) }) else {
        Issue.record("a file without architecture needs a model name")
        return
      }
      try SafeTensors.write(tensors, metadata: ["architecture": "resnet20-cifar-optionA"], to: url)
      #expect(try Network(loading: url).parameters == network.parameters)
    }
  }

  @Test func everyProblemIsNamed() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "bad.safetensors")
      let network = Fixture.randomized(try NetworkGraphTests.tiny())
      var tensors = network.parameters
      tensors["conv.weight"] = nil
      tensors["bn.bias"] = Tensor(zeros: [3])
      tensors["extra"] = Tensor(zeros: [1])
      try write(tensors, to: url)
      var target = network
      let expected: [NetworkError.ParameterProblem] = [
        .missing("conv.weight"), .wrongShape("bn.bias", expected: [4], got: [3]), .unexpected("extra"),
      ]
      #expect(throws: NetworkError.parameters(expected)) { try target.loadParameters(from: url) }
      #expect(target.parameters == network.parameters)
      #expect(try target.loadParameters(from: url, strict: false) == expected)
      tensors = network.parameters
      tensors["bn.running_var"] = Tensor(shape: [4], [1, 1, .infinity, 1])
      try write(tensors, to: url)
      for strict in [true, false] {
        #expect(throws: NetworkError.parameters([.notFinite("bn.running_var", index: 2)])) {
          try target.loadParameters(from: url, strict: strict)
        }
      }
    }
  }

  @Test func malformedFilesAreErrors() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "x.safetensors")
      let network = Fixture.randomized(try NetworkGraphTests.tiny())
      try network.save(to: url)
      let good = try Data(contentsOf: url)
      var truncated = good
      truncated.removeLast(3)
      let corpus: [Data] = [
        Data(), Data("hello".utf8), good.prefix(100), truncated, Data(repeating: 0xff, count: 64),
        replaced(good, #"\"op\":\"conv2d\""#, #"\"op\":\"conv9d\""#), replaced(good, #"\"out\":4"#, #"\"out\":9"#),
        replaced(good, #"\"nodes\":["#, #"\"nodes\":{"#),
      ]
      for (index, data) in corpus.enumerated() {
        try data.write(to: url)
        let found = error { try Network(loading: url) }
        #expect(found != nil, "case \(index)")
        #expect(found?.description.contains("\n") == false, "case \(index)")
      }
      #expect(error { try Network(loading: folder.appending(path: "absent.safetensors")) } != nil)
    }
  }

  @Test func customOperationsComeBackThroughTheirFactory() throws {
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "custom.safetensors")
      var network = Fixture.randomized(try NetworkGraphTests.tiny())
      try network.replace("relu", with: .custom(Gain(initial: 2)))
      network.initialize(seed: 1)
      let images = Fixture.images([2, 6, 6, 3])
      let expected = try InferenceEngine(network).logits(images)
      let trained = try ParameterSet(network)
      crossEntropy(try network.forward(Variable(images), parameters: trained, mode: .training()), labels: [0, 1])
        .backward()
      #expect(trained["relu.gain"]?.gradient?.item != 0)
      try network.save(to: url)
      #expect(throws: NetworkError.unresolvedOperation(node: "relu", kind: "test.gain")) { try Network(loading: url) }
      let factory: CustomOperationFactory = { (text: String) throws(NetworkError) in Gain(initial: Float(text) ?? 0) }
      let loaded = try Network(loading: url, customOperations: ["test.gain": factory])
      #expect(try InferenceEngine(loaded).logits(images) == expected)
      #expect(loaded.cost()["relu"]?.macs == 144)
    }
  }

  /// A custom operation: multiplies by a trained scalar.
  private struct Gain: CustomOperation {
    let initial: Float
    let kind = "test.gain"
    var configuration: String { "\(initial)" }
    let parameterSpecifications = [ParameterSpecification(name: "gain", shape: [1], role: .custom)]

    func outputShape(inputs: [[Int]]) throws(NetworkError) -> [Int] { inputs[0] }
    func macs(inputs: [[Int]], output: [Int]) -> Int { output.reduce(1, *) }
    func initialValue(of specification: ParameterSpecification, using generator: inout Philox) -> Tensor {
      Tensor(repeating: initial, shape: [1])
    }
    func forward(
      _ inputs: [Variable], parameters: [String: Variable], mode: ForwardMode
    ) throws(NetworkError) -> Variable {
      guard let gain = parameters["gain"] else { throw .unsupported(node: "", detail: "no gain") }
      return inputs[0] * gain
    }
  }

  private func error<T>(_ body: () throws -> T) -> NetworkError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? NetworkError }
  }

  private func write(_ tensors: [String: Tensor], to url: URL) throws {
    try SafeTensors.write(tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, metadata: [:], to: url)
  }

  /// Replaces text of equal length inside a file.
  private func replaced(_ data: Data, _ old: String, _ new: String) -> Data {
    var result = data
    if let range = result.range(of: Data(old.utf8)) { result.replaceSubrange(range, with: Data(new.utf8)) }
    return result
  }
}
