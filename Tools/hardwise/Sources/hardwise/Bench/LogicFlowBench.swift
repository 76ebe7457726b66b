import LogicFlow
import LogicFlowVerify
import TinyTensor

/// The hot loops of LogicFlow: integer inference of many rows, the RISC-V simulator, one proof.
///
/// The peer is `Tools/peers/logicflow_worker.py`: a C loop compiled with -O3 for the rows, unicorn for the simulator where it is
/// installed.
enum LogicFlowBench {
  private static let sizes = [7, 10, 25, 2]
  private static let rows = 65_536
  private static let turns = 250_000

  static func items() -> [BenchItem] {
    Set([1, Threads.count]).sorted().map(inference) + [simulator(), proof()]
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

  /// One node of a search: relaxation, dual simplex, exact check.
  private static func proof() -> BenchItem {
    BenchItem(name: "proof of one leaf", threads: 1, work: 0, limit: .arithmetic, images: 1) {
      let network = try network()
      let pattern = BatchClassifier(network).paths(Array(repeating: 128, count: sizes[0]))[0]
      let region = Region(literals: pattern.pattern.literals(network))
      let prover = Prover(network, budget: 1)
      return { _ = prover.decide(region, outcome: pattern.outcome) }
    }
  }
}
