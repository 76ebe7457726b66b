import LogicFlowVerify

/// Measures programs on the simulated core: what every choice of the autotuner is made by.
public struct CycleMeter: Sendable {
  /// The core.
  public let model: CoreModel
  /// The rows; training rows wherever something is chosen.
  public let samples: IntegerSamples

  /// Cycles per run over all rows.
  public struct Measurement: Sendable, Hashable, Codable {
    /// Mean cycles.
    public var mean: Double
    /// Mean instructions.
    public var instructions: Double
    /// Largest.
    public var maximum: Int
    /// Cycles of every row.
    public var cycles: [Int]
    /// Rows whose class differs from the expected one.
    public var disagreements: Int
    /// Bytes of code and constants.
    public var size: Int
    /// Deepest stack, bytes.
    public var stack: Int
    /// Static worst case, if the control flow allows one.
    public var worstCase: Int?
  }

  /// Creates a meter.
  public init(_ model: CoreModel, samples: IntegerSamples) {
    self.model = model
    self.samples = samples
  }

  /// Runs `program` on every row and compares the answers with `expected`.
  public func measure(_ program: RV32Program, expected: [Int]) throws(LogicFlowError) -> Measurement {
    let machine = try RV32Machine(program, model: model)
    var cycles: [Int] = []
    cycles.reserveCapacity(samples.count)
    var (instructions, wrong, stack) = (0, 0, 0)
    for index in 0..<samples.count {
      let run = try machine.call(samples[index])
      cycles.append(Int(run.cycles))
      instructions += Int(run.instructions)
      stack = max(stack, Int(run.stack))
      if Int(run.result) != expected[index] { wrong += 1 }
    }
    let count = Double(max(samples.count, 1))
    return Measurement(
      mean: Double(cycles.reduce(0, +)) / count, instructions: Double(instructions) / count, maximum: cycles.max() ?? 0,
      cycles: cycles, disagreements: wrong, size: program.size, stack: stack, worstCase: machine.worstCase())
  }

  /// Mean cycles of `program` through the own back end.
  public func cycles(_ program: LogicProgram) throws(LogicFlowError) -> Double {
    let machine = try RV32Machine(program.machineCode(for: model), model: model)
    var total = 0
    for index in 0..<samples.count { total += Int(try machine.call(samples[index]).cycles) }
    return Double(total) / Double(max(samples.count, 1))
  }
}
