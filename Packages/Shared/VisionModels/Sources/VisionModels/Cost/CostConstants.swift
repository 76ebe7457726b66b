import FileKit
import Foundation
import JSONC

/// A physical constant with its unit and where the number comes from.
public struct Constant: Sendable, Hashable, Codable {
  /// The number.
  public var value: Double
  /// Its unit.
  public var unit: String
  /// Publication or measurement it was taken from.
  public var source: String

  /// Creates a constant.
  public init(_ value: Double, unit: String, source: String) {
    self.value = value
    self.unit = unit
    self.source = source
  }
}

/// Parameters of the roofline of a processor core.
public struct ProcessorModel: Sendable, Hashable, Codable {
  /// Float32 operations per second and core, in 10⁹ (a multiply-accumulate is two).
  public var peakGFLOPsPerCore: Constant
  /// Bytes per second the memory system delivers, in 10⁹.
  public var bandwidthGBps: Constant
  /// Fixed time per layer, in microseconds.
  public var layerOverheadMicroseconds: Constant
  /// Float32 lanes of a vector register; output channels are computed in multiples of it.
  public var lanes: Constant
}

/// Energy per operation and per byte, in picojoules.
public struct EnergyModel: Sendable, Hashable, Codable {
  /// Float32 multiply-accumulate.
  public var macFloat32: Constant
  /// Float16 multiply-accumulate.
  public var macFloat16: Constant
  /// Int8 multiply-accumulate into 32 bits.
  public var macInt8: Constant
  /// Byte read from an 8 KB SRAM.
  public var sramByte8KB: Constant
  /// Byte read from a 32 KB SRAM.
  public var sramByte32KB: Constant
  /// Byte read from a 1 MB SRAM.
  public var sramByte1MB: Constant
  /// Byte moved from or to DRAM.
  public var dramByte: Constant

  /// Energy of one multiply-accumulate, pJ.
  public func mac(_ precision: Precision) -> Double {
    switch precision {
    case .float32: macFloat32.value
    case .float16: macFloat16.value
    case .int8: macInt8.value
    }
  }

  /// Energy of one byte from an SRAM of the given size, pJ: the published point of the next larger memory.
  public func sramByte(kilobytes: Double) -> Double {
    if kilobytes <= 8 { return sramByte8KB.value }
    if kilobytes <= 32 { return sramByte32KB.value }
    return sramByte1MB.value
  }
}

/// Number format of weights and activations.
public enum Precision: String, Sendable, Codable, CaseIterable {
  case float32, float16, int8

  /// Bytes of one scalar.
  public var bytes: Int {
    switch self {
    case .float32: 4
    case .float16: 2
    case .int8: 1
    }
  }
}

/// The constants of all three models (spec: roofline, energy, systolic array), as read from JSON.
public struct CostConstants: Sendable, Hashable, Codable {
  /// Format version.
  public var version: Int
  /// Roofline parameters.
  public var processor: ProcessorModel
  /// Energies.
  public var energy: EnergyModel
  /// The accelerator.
  public var systolic: SystolicArray

  /// The constants shipped with the package.
  /// - Throws: ``NetworkError/invalidFile(path:detail:)`` if the resource is damaged.
  public static func standard() throws(NetworkError) -> CostConstants {
    guard
      let url = Bundle.module.url(forResource: "cost-model", withExtension: "json", subdirectory: "Resources")
    else {
      throw .invalidFile(path: "cost-model.json", detail: "the package resource is missing; rebuild the package")
    }
    return try CostConstants(loading: url)
  }

  /// Reads constants from a file of the same form as the package's `cost-model.json`.
  public init(loading url: URL) throws(NetworkError) {
    do {
      self = try JSON.read(CostConstants.self, from: url)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
    try validate(path: url.path)
  }

  private func validate(path: String) throws(NetworkError) {
    let positive: [(String, Double)] = [
      ("processor.peakGFLOPsPerCore", processor.peakGFLOPsPerCore.value),
      ("processor.bandwidthGBps", processor.bandwidthGBps.value), ("processor.lanes", processor.lanes.value),
      ("systolic.rows", systolic.rows.value), ("systolic.columns", systolic.columns.value),
      ("systolic.clockMHz", systolic.clockMHz.value),
    ]
    for (field, value) in positive where !(value > 0 && value.isFinite) {
      throw .invalidFile(path: path, detail: "\(field) is \(value), expected a positive number; correct it")
    }
  }
}
