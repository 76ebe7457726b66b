import Foundation
import JSONC

/// A machine for the decode roofline; the numbers come from JSON with their source.
public struct DecodeMachine: Sendable, Hashable, Codable {
  /// Name.
  public var name: String
  /// Bandwidth of the main memory, GB/s.
  public var dramGBs: Double
  /// Size of the last-level cache, MiB.
  public var llcMiB: Double
  /// Bandwidth of the last-level cache, GB/s.
  public var llcGBs: Double
  /// Rate of multiply-adds counted as two operations, GFLOP/s.
  public var gflops: Double
  /// Sequences decoded together.
  public var batch: Int
  /// Where the numbers are from.
  public var source: String

  /// Reads a machine.
  public static func read(_ url: URL) throws -> DecodeMachine { try JSON.read(DecodeMachine.self, from: url) }

  /// The machines that ship with the package.
  public static let names = ["desktop-2-cores"]

  /// A machine that ships with the package.
  ///
  /// - Throws: ``BasisSharingError`` for a name without a file, or a JSON error.
  public static func named(_ name: String) throws -> DecodeMachine {
    guard
      let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Resources/Hardware")
    else { throw BasisSharingError.unknownMachine(name, known: names) }
    return try read(url)
  }
}

/// Time of one decoded token: the larger of reading the weights and multiplying them.
///
/// A shared basis is read once per layer of its group, but only the first read comes from main memory if what is read in between — about
/// a layer's weights — fits the last-level cache.
public struct DecodeCostModel: Sendable, Hashable {
  /// The machine.
  public let machine: DecodeMachine
  /// Bytes per weight of block matrices.
  public let bytesPerWeight: Double

  /// A model of a machine and a weight format.
  public init(_ machine: DecodeMachine, bytesPerWeight: Double) {
    self.machine = machine
    self.bytesPerWeight = bytesPerWeight
  }

  /// Tokens per second of batch-1 decoding (times the batch for more).
  ///
  /// - Parameter otherBytes: Bytes per token outside of the blocks: the output head.
  public func tokensPerSecond(_ plan: SharingPlan, _ shapes: ModelShapes, otherBytes: Double) -> Double {
    let unique = Double(plan.parameters(shapes)) * bytesPerWeight
    let repeated = plan.groups.reduce(0.0) {
      $0 + Double(($1.layers.count - 1) * $1.rank * shapes.inputs($1.site)) * bytesPerWeight
    }
    let layerBytes = unique / Double(shapes.layers)
    let staysCached = layerBytes < machine.llcMiB * 1_048_576
    let memory = (unique + otherBytes + (staysCached ? 0 : repeated)) / (machine.dramGBs * 1e9)
    let cache = staysCached ? repeated / (machine.llcGBs * 1e9) : 0
    let batch = Double(machine.batch)
    let arithmetic = 2 * batch * Double(plan.multiplyAdds(shapes)) / (machine.gflops * 1e9)
    return batch / max(memory + cache, arithmetic)
  }
}
