import FileKit
import Foundation
import JSONC
import LogicFlow
import LogicFlowVerify
import ReproductionKit
import TinyTensor

/// The hot loops of LogicFlow: integer inference of many rows, the RISC-V simulator, one proof, activation regions, and the
/// compiled programs on this machine.
///
/// The peers are those of `Tools/peers/logicflow_worker.py`: a C loop, unicorn, HiGHS, affinitree, emlearn, m2cgen, scikit-learn.
/// They get the same networks and rows as files.
enum LogicFlowBench {
  private static let sizes = [7, 10, 25, 2]
  private static let rows = 65_536
  private static let turns = 250_000

  static func items() throws -> [BenchItem] {
    let room = try BenchRoom()
    return try Set([1, Threads.count]).sorted().map(inference) + [simulator(), proof(room), regions(room)]
      + compiled(room)
  }

  private static func network() throws -> IntegerNetwork {
    var generator = Philox(seed: 1, stream: "bench")
    let layers = zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
      let weights = (0..<size.1).map { _ in (0..<size.0).map { _ in Int8(generator.next(below: 255) - 127) } }
      let requant = IntegerNetwork.Requant(
        multiplier: Array(repeating: 1_000, count: size.1), shift: Array(repeating: 20, count: size.1))
      return IntegerNetwork.Layer(
        weights: weights, bias: (0..<size.1).map { _ in Int32(generator.next(below: 4000) - 2000) },
        relu: index < sizes.count - 2, requant: index < sizes.count - 2 ? requant : nil)
    }
    return try IntegerNetwork(input: InputDomain(count: sizes[0]), layers: layers)
  }

  private static func inference(threads: Int) -> BenchItem {
    let macs = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    return BenchItem(
      name: "integer inference, 7→10→25→2", threads: threads, work: 2 * Double(rows * macs), limit: .arithmetic,
      images: rows,
      request: PeerRequest(work: "logicflow-rows", batch: rows, threads: threads)
    ) {
      let classifier = BatchClassifier(try network())
      var generator = Philox(seed: 2, stream: "bench")
      let features = (0..<rows * sizes[0]).map { _ in UInt8(truncatingIfNeeded: generator.nextWord()) }
      return { _ = classifier.classify(features) }
    }
  }

  /// A loop of four instructions with the cycle model of `ibex-small`; one "image" is one instruction.
  private static func simulator() -> BenchItem {
    BenchItem(
      name: "RV32 simulator, instructions", threads: 1, work: 0, limit: .arithmetic, images: 4 * turns,
      request: PeerRequest(work: "logicflow-simulator", batch: turns, threads: 1)
    ) {
      let upper = (Int32(turns) + 0x800) & ~0xFFF
      let code = [
        RV32Instruction(.lui, rd: 5, immediate: upper),
        RV32Instruction(.addi, rd: 5, rs1: 5, immediate: Int32(turns) - upper),
        RV32Instruction(.mul, rd: 6, rs1: 6, rs2: 5), RV32Instruction(.add, rd: 7, rs1: 7, rs2: 6),
        RV32Instruction(.addi, rd: 5, rs1: 5, immediate: -1), RV32Instruction(.bne, rs1: 5, rs2: 0, immediate: -12),
        RV32Instruction(.jalr, rs1: 1),
      ]
      let machine = try RV32Machine(RV32Program(instructions: code), model: CoreModel(named: "ibex-small"))
      return { _ = try machine.call([]) }
    }
  }

  /// One node of a search: relaxation, dual simplex, exact check. The peer solves the same linear program.
  private static func proof(_ room: BenchRoom) throws -> BenchItem {
    let region = Region(literals: room.leaf.literals)
    let request = try room.request(
      "logicflow-bound", BenchRoom.Program(room.network, region, outcome: room.leaf.outcome))
    return BenchItem(
      name: "proof of one leaf, 7→10→25→2", threads: 1, work: 0, limit: .arithmetic, images: 1, request: request
    ) {
      let prover = Prover(room.network, budget: 1)
      return { _ = prover.decide(region, outcome: room.leaf.outcome) }
    }
  }

  /// All activation regions of a random network with two hidden layers.
  private static func regions(_ room: BenchRoom) throws -> BenchItem {
    var generator = Philox(seed: 3, stream: "bench")
    let sizes = [5, 12, 6, 2]
    let network = try RealNetwork(
      box: [-10, 10],
      layers: zip(sizes, sizes.dropFirst()).map { inputs, outputs in
        RealNetwork.Layer(
          weights: (0..<outputs).map { _ in (0..<inputs).map { _ in Double(generator.normal()) } },
          bias: (0..<outputs).map { _ in Double(generator.normal()) })
      })
    let request = try room.request("logicflow-regions", network)
    return BenchItem(
      name: "activation regions, 5→12→6→2", threads: Threads.count, work: 0, limit: .arithmetic, request: request
    ) { { _ = RegionEnumeration(network).count() } }
  }

  /// The network as a program of certified exits, and a decision tree, in C compiled for this machine; one "image" is one row.
  private static func compiled(_ room: BenchRoom) throws -> [BenchItem] {
    guard let compiler = CCompiler.installed(for: .host).first else { return [] }
    let rows = room.split.test
    func item(_ name: String, _ work: String, _ source: @escaping () throws -> String) throws -> BenchItem {
      BenchItem(
        name: name, threads: 1, work: 0, limit: .arithmetic, images: rows.count,
        request: try room.request(work, BenchRoom.Rows(room, rows))
      ) {
        let function = try NativeFunction(source(), name: "classify", compiler: compiler)
        return { _ = function.sum(rows: rows.features, width: rows.width) }
      }
    }
    return try [
      item("network in C, certified exits, \(rows.count) rows", "logicflow-network") { try room.program().emitC() },
      item("network in C, plain, \(rows.count) rows", "logicflow-network") {
        LogicProgram(network: room.network).emitC()
      },
      item("decision tree in C, \(rows.count) rows", "logicflow-tree") {
        DecisionTree(room.split.train, classes: 2, depth: 6).emitC()
      },
    ]
  }
}
