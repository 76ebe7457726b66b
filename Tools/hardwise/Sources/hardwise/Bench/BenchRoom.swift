import FileKit
import Foundation
import JSONC
import LogicFlow
import LogicFlowVerify
import TinyTensor

/// A small trained network with its rows, and the files through which peers get the same work.
struct BenchRoom {
  let split: SampleSplit
  let float: FloatNetwork
  let network: IntegerNetwork
  /// The most visited leaf.
  let leaf: (literals: [Literal], outcome: Int)
  private let folder = FileManager.default.temporaryDirectory.appending(path: "hardwise-bench-logicflow")

  init() throws {
    split = try SampleSplit(SyntheticSamples.room())
    float = try NetworkTrainer(epochs: 8).train(split.train, classes: 2)
    network = try Quantizer.quantize(float, calibration: split.train)
    let path = PathTree(network, features: split.train.features).paths[0]
    leaf = (path.pattern.literals(network), path.outcomes[0])
  }

  /// The certified program, chosen on training rows.
  func program() throws -> LogicProgram {
    let outcomes = BatchClassifier(network).classify(split.train.features)
    let flows = ObliqueFinder(network).flows(split.train, outcomes: outcomes)
    let tuner = try Autotuner(network, training: split.train, model: CoreModel(named: "spike"), rows: 300)
    let choice = try tuner.everything(flows)
    return LogicProgram(network: network, flows: choice.flows, schedule: choice.schedule)
  }

  /// Writes the operands and names them in a request.
  func request(_ work: String, _ operands: some Encodable) throws -> PeerRequest {
    var request = PeerRequest(work: work, threads: 1)
    let file = folder.appending(path: work + ".json")
    try AtomicFile.write(JSON.encode(operands), to: file)
    request.file = file.path
    return request
  }

  /// A linear program as peers read it: maximise `objective · z` where every row holds.
  struct Program: Encodable {
    struct Row: Encodable {
      let columns: [Int]
      let values: [Double]
      let upper: Double
    }
    let objective: [Double]
    let lower, upper: [Int]
    let rows: [Row]

    /// How far the class after `outcome` can lead in `region`.
    init(_ network: IntegerNetwork, _ region: Region, outcome: Int) {
      let relaxation = Relaxation(network, region: region)
      let last = network.layers[network.layers.count - 1]
      let rival = (outcome + 1) % network.classes
      let difference = zip(last.weights[rival], last.weights[outcome]).map { Double($0) - Double($1) }
      objective = Array(repeating: 0, count: relaxation.lower.count - difference.count) + difference
      lower = relaxation.lower
      upper = relaxation.upper
      rows = relaxation.constraints.map { constraint in
        Row(
          columns: constraint.terms.map(\.variable), values: constraint.terms.map { Double($0.coefficient) * 0x1p-32 },
          upper: Double(constraint.bound) * 0x1p-32)
      }
    }
  }

  /// The float network, rows to classify, and rows to learn trees from.
  struct Rows: Encodable {
    struct Layer: Encodable {
      /// `[output][input]`.
      let weights: [[Float]]
      let bias: [Float]
    }
    let layers: [Layer]
    let width: Int
    let rows, trainingRows: [UInt8]
    let trainingLabels: [Int]

    init(_ room: BenchRoom, _ rows: IntegerSamples) {
      layers = room.float.layers.map { layer in
        let (weights, inputs) = (layer.weight.scalars, layer.weight.shape[1])
        return Layer(
          weights: layer.bias.scalars.indices.map { Array(weights[$0 * inputs..<($0 + 1) * inputs]) },
          bias: layer.bias.scalars)
      }
      width = rows.width
      self.rows = rows.features
      trainingRows = room.split.train.features
      trainingLabels = room.split.train.labels
    }
  }
}
