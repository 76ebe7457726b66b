import Foundation
import JSONC

/// What instructions cost on an in-order core, in cycles (specification section 4).
public struct CoreModel: Codable, Hashable, Sendable {
  /// Cycles per class of instruction.
  public struct Cycles: Codable, Hashable, Sendable {
    /// Cycles.
    public var alu, mul, mulHigh, div, load, store, branch, branchTaken, jump: Int
    /// Added when the next instruction reads what a load brings.
    public var loadUse: Int
    /// Added when a taken transfer lands on a 4-byte instruction that is not on a word boundary.
    public var misalignedTarget: Int
  }

  /// Name of the preset.
  public var name: String
  /// For people.
  public var description: String
  /// Where the figures come from.
  public var source: String
  /// `cycles`.
  public var unit: String
  /// The figures.
  public var cycles: Cycles
  /// Cycles added to every instruction.
  public var fetchWaitStates: Int
  /// Cycles added to every load and store.
  public var dataWaitStates: Int
  /// Whether divisions take `div` plus the leading zero bits of the divisor's magnitude.
  public var divisionDependsOnDivisor: Bool

  /// The presets, in the order of the specification.
  public static let presetNames = ["spike", "ibex-small", "ibex-maxperf", "cv32e40p"]

  /// A preset.
  public init(named name: String) throws(LogicFlowError) {
    guard Self.presetNames.contains(name),
      let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Resources/cores")
    else {
      throw .invalidSetting(
        name: "core", value: "'\(name)'", expected: "one of \(Self.presetNames.joined(separator: ", "))")
    }
    do { self = try JSON.read(CoreModel.self, from: url) } catch {
      throw .invalidSetting(name: "core", value: name, expected: "a readable model (\(error))")
    }
  }

  /// Cycles of `instruction` if no transfer is taken, without what follows it.
  func cost(_ instruction: RV32Instruction) -> Int {
    let base =
      switch instruction.operation.kind {
      case .alu: cycles.alu
      case .multiply: cycles.mul
      case .multiplyHigh: cycles.mulHigh
      case .divide: cycles.div
      case .load: cycles.load + dataWaitStates
      case .store: cycles.store + dataWaitStates
      case .branch: cycles.branch
      case .jump: cycles.jump
      }
    return base + fetchWaitStates
  }

  /// What is added when `follower` comes directly behind `instruction`.
  func stall(_ instruction: RV32Instruction, before follower: RV32Instruction) -> Int {
    let waits =
      instruction.operation.kind == .load && instruction.rd != 0
      && (follower.sources.0 == instruction.rd || follower.sources.1 == instruction.rd)
    return waits ? cycles.loadUse : 0
  }

  /// What a taken branch costs beyond one that is not taken.
  var takenExtra: Int { cycles.branchTaken - cycles.branch }
}
