/// A 32-bit value that a program keeps.
public enum Slot: Hashable, Sendable {
  /// A feature, read only.
  case input(Int)
  /// A pre-activation or logit while it is summed up.
  case sum(layer: Int, neuron: Int)
  /// A hidden output.
  case output(layer: Int, neuron: Int)
  /// Two classes: `logit_1 − logit_0`.
  case difference
  /// Signs seen so far, one bit per literal of a flow; further words beyond 32 literals.
  case mask(flow: Int, word: Int)
}

/// A comparison with a constant.
public struct Comparison: Hashable, Sendable {
  /// How to compare.
  public enum Relation: Hashable, Sendable { case atMost, atLeast, equal }

  /// Left side.
  public var slot: Slot
  /// Subtracted from the left side.
  public var minus: Slot?
  /// How.
  public var relation: Relation
  /// The constant.
  public var value: Int

  /// `slot − minus  relation  value`.
  public init(_ slot: Slot, minus: Slot? = nil, _ relation: Relation, _ value: Int) {
    self.slot = slot
    self.minus = minus
    self.relation = relation
    self.value = value
  }
}

/// ReLU and requantisation of one neuron.
public struct Rectification: Hashable, Sendable {
  /// Receives the output.
  public var output: Slot
  /// The pre-activation.
  public var sum: Slot
  /// Factor.
  public var multiplier: Int
  /// Right shift of the product.
  public var shift: Int
  /// Cap, or nothing where interval bounds show that it is never reached.
  public var cap: Int?
  /// Whether the product needs more than 31 bits.
  public var isWide: Bool
  /// Bits to set when the pre-activation is positive.
  public var marks: [Mark]

  /// A bit of a mask.
  public struct Mark: Hashable, Sendable {
    /// The mask.
    public var mask: Slot
    /// The bit.
    public var bit: Int
  }
}

/// One step of a program. Control only ever goes forward.
public enum Instruction: Hashable, Sendable {
  /// `slot = value`.
  case set(Slot, Int)
  /// `slot += operand · weight`.
  case multiplyAdd(Slot, Slot, weight: Int)
  /// See ``Rectification``.
  case rectify(Rectification)
  /// Leaves out the next `count` instructions if the comparison holds.
  case skip(Comparison, count: Int)
  /// Ends with class `outcome` if all comparisons hold; `exit` counts the exits.
  case exit([Comparison], outcome: Int, exit: Int)
  /// Ends with the largest of the logits.
  case decide([Slot])
  /// Ends with class 1 if the difference is positive, else 0.
  case decideDifference
}
