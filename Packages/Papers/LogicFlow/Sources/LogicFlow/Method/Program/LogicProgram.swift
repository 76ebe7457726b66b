import LogicFlowVerify

/// A straight-line program with forward exits: the intermediate form that every back end, and the interpreter here, starts from.
public struct LogicProgram: Sendable, Hashable {
  /// A C identifier.
  public let name: String
  /// Features.
  public let inputs: Int
  /// The steps. The last one decides.
  public let instructions: [Instruction]
  /// Conditional exits; the final decision has this number.
  public let exits: Int

  /// Wraps instructions.
  public init(name: String, inputs: Int, instructions: [Instruction]) {
    self.name = name
    self.inputs = inputs
    self.instructions = instructions
    exits = instructions.count { if case .exit = $0 { true } else { false } }
  }

  /// What one run did.
  public struct Outcome: Sendable, Hashable {
    /// The class.
    public var outcome: Int
    /// Which exit was taken; ``LogicProgram/exits`` for the final decision.
    public var exit: Int
    /// Multiply-accumulates that were executed.
    public var macs: Int
  }

  /// Runs the program on `x`: the reference for the back ends.
  public func run(_ x: [UInt8]) -> Outcome {
    precondition(x.count == inputs, "\(x.count) features for a program of \(inputs)")
    var values: [Slot: Int] = [:]
    func read(_ slot: Slot) -> Int {
      if case .input(let index) = slot { return Int(x[index]) }
      return values[slot] ?? 0
    }
    func holds(_ comparison: Comparison) -> Bool {
      let left = read(comparison.slot) - (comparison.minus.map(read) ?? 0)
      return switch comparison.relation {
      case .atMost: left <= comparison.value
      case .atLeast: left >= comparison.value
      case .equal: left == comparison.value
      }
    }
    var position = 0
    var macs = 0
    while position < instructions.count {
      switch instructions[position] {
      case .set(let slot, let value): values[slot] = value
      case .multiplyAdd(let slot, let operand, let weight):
        macs += 1
        values[slot] = read(slot) + read(operand) * weight
      case .rectify(let step):
        let sum = read(step.sum)
        let product = sum > 0 ? (sum * step.multiplier) >> step.shift : 0
        values[step.output] = min(product, step.cap ?? product)
        if sum > 0 { for mark in step.marks { values[mark.mask] = read(mark.mask) | 1 << mark.bit } }
      case .skip(let condition, let count): if holds(condition) { position += count }
      case .exit(let conditions, let outcome, let exit):
        if conditions.allSatisfy(holds) { return Outcome(outcome: outcome, exit: exit, macs: macs) }
      case .decide(let logits):
        let outcome = IntegerNetwork.argmax(logits.map { Int32(read($0)) })
        return Outcome(outcome: outcome, exit: exits, macs: macs)
      case .decideDifference:
        return Outcome(outcome: read(.difference) > 0 ? 1 : 0, exit: exits, macs: macs)
      }
      position += 1
    }
    return Outcome(outcome: 0, exit: exits, macs: macs)
  }
}
