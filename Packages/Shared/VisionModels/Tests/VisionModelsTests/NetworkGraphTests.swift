import Foundation
import JSONC
import Testing
import TinyTensor
import VisionModels

@Suite struct NetworkGraphTests {
  static func tiny() throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 3, to: 4, kernel: 3)
    x = builder.batchNorm("bn", x, channels: 4)
    x = builder.add("relu", .relu, x)
    x = builder.add("gap", .globalAveragePool, x)
    builder.add("linear", .linear(Linear(inputFeatures: 4, outputFeatures: 2)), x)
    return try builder.build(name: "tiny", inputShape: [6, 6, 3])
  }

  @Test func shapesFollowTheGraph() throws {
    let network = try Self.tiny()
    #expect(network.shape(of: "conv") == [6, 6, 4])
    #expect(network.shape(of: "gap") == [4])
    #expect(network.classes == 2)
    #expect(network.consumers(of: "conv").map(\.name) == ["bn"])
    #expect(network.outputName == "linear")
  }

  @Test func malformedGraphsAreErrors() {
    let input = Node(name: "input", op: .input, inputs: [])
    let conv = Conv2d(inputChannels: 3, outputChannels: 4, kernel: 3)
    func build(_ nodes: [Node], _ shape: [Int] = [6, 6, 3]) -> NetworkError? {
      do {
        _ = try Network(name: "n", inputShape: shape, nodes: nodes)
        return nil
      } catch { return error }
    }
    #expect(build([]) == .missingInput(network: "n"))
    #expect(build([Node(name: "a", op: .relu, inputs: ["a"])]) == .missingInput(network: "n"))
    #expect(build([input, Node(name: "b", op: .input, inputs: [])]) == .missingInput(network: "n"))
    #expect(build([input, Node(name: "input", op: .relu, inputs: ["input"])]) == .duplicateNode("input"))
    #expect(
      build([input, Node(name: "a", op: .relu, inputs: ["b"]), Node(name: "b", op: .relu, inputs: ["a"])])
        == .unknownNode("b", referencedBy: "a"))
    #expect(
      build([input, Node(name: "a", op: .add, inputs: ["input"])])
        == .wrongInputCount(node: "a", expected: "at least 2", got: 1))
    let broken: [Node.Operation] = [
      .conv2d(Conv2d(inputChannels: 4, outputChannels: 4, kernel: 3)),
      .conv2d(Conv2d(inputChannels: 3, outputChannels: 4, kernel: 9)),
      .conv2d(Conv2d(inputChannels: 3, outputChannels: 4, kernel: 3, stride: 0)),
      .conv2d(Conv2d(inputChannels: 3, outputChannels: 4, kernel: 3, groups: 2)),
      .conv2d(Conv2d(inputChannels: 3, outputChannels: Int.max, kernel: 3)),
      .conv2d(Conv2d(inputChannels: 3, outputChannels: 1 << 20, kernel: 1 << 19, padding: 1 << 19)),
      .batchNorm(BatchNorm(channels: 4)), .batchNorm(BatchNorm(channels: 3, momentum: 2)),
      .linear(Linear(inputFeatures: 3, outputFeatures: 2)), .maxPool(Pool(kernel: 7)),
      .maxPool(Pool(kernel: 2, padding: 2)), .avgPool(Pool(kernel: 0), countIncludePad: true), .dropout(1),
      .padShortcut(PadShortcut(stride: 0, before: 0, after: 0)),
      .padShortcut(PadShortcut(stride: 1, before: Int.max, after: 1)),
      .custom(UnresolvedOperation(kind: "x", configuration: "{}")),
    ]
    for op in broken {
      let error = build([input, Node(name: "a", op: op, inputs: ["input"])])
      #expect(error != nil, "\(op)")
      #expect(error?.description.contains("node a") == true, "\(op)")
      #expect(error?.description.contains("\n") == false)
    }
    let shapes = [input, Node(name: "a", op: .conv2d(conv), inputs: ["input"])]
    #expect(build(shapes + [Node(name: "s", op: .add, inputs: ["a", "input"])]) != nil)
    #expect(build(shapes + [Node(name: "s", op: .concat, inputs: ["a", "input"])]) != nil)
    #expect(build([input], [6, 6]) != nil)
    #expect(build([input], [6, -6, 3]) != nil)
  }

  @Test func editsKeepTheNetworkValidOrLeaveItUnchanged() throws {
    var network = try Self.tiny()
    let before = network.nodes
    #expect(throws: NetworkError.self) {
      try network.replace("conv", with: .conv2d(Conv2d(inputChannels: 3, outputChannels: 5, kernel: 3, padding: 1)))
    }
    #expect(throws: NetworkError.self) { try network.remove("input") }
    #expect(throws: NetworkError.self) { try network.remove("nobody") }
    #expect(throws: NetworkError.self) { try network.append(Node(name: "bn", op: .relu, inputs: ["linear"])) }
    #expect(network.nodes == before)

    try network.insert(Node(name: "extra", op: .gelu, inputs: []), after: "bn")
    #expect(network.node(named: "relu")?.inputs == ["extra"])
    try network.remove("extra")
    #expect(network.nodes == before)
    try network.replace("relu", with: .relu6)
    #expect(network.node(named: "relu")?.op == .relu6)
    try network.replace(
      "conv", with: .conv2d(Conv2d(inputChannels: 3, outputChannels: 4, kernel: 5, padding: 2, bias: true)))
    #expect(network.parameters["conv.weight"]?.shape == [4, 3, 5, 5])
    #expect(network.parameters["conv.bias"] == Tensor(zeros: [4]))
    try network.append(Node(name: "scale", op: .scale(2), inputs: ["linear"]))
    #expect(network.outputName == "scale")
    try network.append(Node(name: "out", op: .identity, inputs: ["linear"]))
    try network.removeUnusedNodes()
    #expect(network.node(named: "scale") == nil)
    #expect(network.parameters["linear.weight"] != nil)
  }

  @Test func widthsChangeTogether() throws {
    let network = try Self.tiny()
    let narrow = network.nodes.map { node in
      var node = node
      switch node.name {
      case "conv": node.op = .conv2d(Conv2d(inputChannels: 3, outputChannels: 2, kernel: 3, padding: 1))
      case "bn": node.op = .batchNorm(BatchNorm(channels: 2))
      case "linear": node.op = .linear(Linear(inputFeatures: 2, outputFeatures: 2))
      default: break
      }
      return node
    }
    let rewritten = try network.rewritten(narrow, parameters: [:])
    #expect(rewritten.parameterCount == 3 * 9 * 2 + 4 + 4 + 2)
    #expect(throws: NetworkError.self) { try network.rewritten(narrow, parameters: network.parameters) }
  }

  @Test func problemsAreListedAllAtOnce() throws {
    var network = try Self.tiny()
    network.parameters["conv.weight"] = nil
    network.parameters["bn.weight"] = Tensor(zeros: [5])
    network.parameters["linear.bias"] = Tensor(shape: [2], [0, .nan])
    network.parameters["ghost"] = Tensor(zeros: [1])
    let expected: [NetworkError.ParameterProblem] = [
      .missing("conv.weight"), .wrongShape("bn.weight", expected: [4], got: [5]), .notFinite("linear.bias", index: 1),
      .unexpected("ghost"),
    ]
    #expect(throws: NetworkError.parameters(expected)) { try network.validateParameters() }
  }

  @Test(arguments: ["resnet20", "densenet-bc-40", "airbench93", "vgg16-hidden", "vgg16-imagenet"])
  func architectureSurvivesJSON(_ name: String) throws {
    let network = try Models.named(name)
    let text = try JSON.encode(NetworkArchitecture(network))
    let rebuilt = try JSON.decode(NetworkArchitecture.self, from: text).network()
    #expect(rebuilt.nodes == network.nodes)
    #expect(rebuilt.frozenParameters == network.frozenParameters)
    #expect(rebuilt.inputShape == network.inputShape)
  }

  @Test func malformedArchitecturesAreErrors() throws {
    let node = #"{"name":"i","op":"input","inputs":[]}"#
    let good = #"{"version":1,"name":"n","inputShape":[4,4,3],"frozen":[],"nodes":[\#(node)]}"#
    #expect(try JSON.decode(NetworkArchitecture.self, from: good).network().nodes.count == 1)
    let decoding = [
      ("[]", "not an object"), (good.replacing(#""op":"input""#, with: #""op":"teleport""#), "unknown operation"),
      (good.replacing(#""inputs":[]"#, with: #""inputs":[1]"#), "input is no string"),
      (good.replacing(#""op":"input""#, with: #""op":"conv2d""#), "no attributes"),
    ]
    for (text, why) in decoding {
      #expect(throws: (any Error).self, "\(why)") { try JSON.decode(NetworkArchitecture.self, from: text) }
    }
    let building = [
      good.replacing(#""version":1"#, with: #""version":2"#), good.replacing("[4,4,3]", with: "[4,4]"),
      good.replacing("[4,4,3]", with: "[4,4,9000000000000]"),
    ]
    for text in building {
      let architecture = try JSON.decode(NetworkArchitecture.self, from: text)
      #expect(throws: NetworkError.self) { try architecture.network() }
    }
  }
}
