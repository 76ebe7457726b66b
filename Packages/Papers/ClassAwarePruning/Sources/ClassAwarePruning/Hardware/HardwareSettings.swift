import Foundation
import JSONC
import VisionModels

/// How latency is measured and which machines are modelled; read from the package's `hardware.json`.
///
/// The physical constants themselves (peak rates, energies) are those of ``CostConstants``.
public struct HardwareSettings: Sendable, Hashable, Codable {
  /// Vector lanes of the usual instruction sets.
  public struct Lanes: Sendable, Hashable, Codable {
    /// 128-bit registers.
    public var sse: Constant
    /// 256-bit registers.
    public var avx2: Constant
    /// 512-bit registers.
    public var avx512: Constant
  }

  /// The latency protocol.
  public struct Latency: Sendable, Hashable, Codable {
    /// Interleaved rounds A/B/A/B.
    public var rounds: Constant
    /// Batch sizes.
    public var batches: [Int]
    /// Thread counts.
    public var threads: [Int]
  }

  /// Sizes of square systolic arrays.
  public struct SystolicSizes: Sendable, Hashable, Codable {
    /// 16 × 16.
    public var small: Constant
    /// 32 × 32.
    public var `default`: Constant
    /// 128 × 128.
    public var edge: Constant
    /// 256 × 256.
    public var server: Constant
  }

  /// The experiment behind the staircase plot: one 3×3 convolution of growing width.
  public struct Staircase: Sendable, Hashable, Codable {
    /// Height and width of the map.
    public var pixels: Constant
    /// Channels of the input map.
    public var inputChannels: Constant
    /// Images per pass.
    public var batch: Constant
    /// Output channels tried.
    public var widths: [Int]
  }

  /// Format version.
  public var version: Int
  /// Vector lanes.
  public var lanes: Lanes
  /// The latency protocol.
  public var latency: Latency
  /// Systolic arrays.
  public var systolicSizes: SystolicSizes
  /// The staircase experiment.
  public var staircase: Staircase

  /// The settings shipped with the package.
  /// - Throws: ``PruneError/invalidFile(path:detail:)`` if the resource is damaged.
  public static func standard() throws(PruneError) -> HardwareSettings {
    let url = try resource("hardware", "json")
    return try HardwareSettings(loading: url)
  }

  /// Reads settings from a file of the same form.
  public init(loading url: URL) throws(PruneError) {
    do {
      self = try JSON.read(HardwareSettings.self, from: url)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
    let counts =
      latency.batches + latency.threads + staircase.widths + [
        Int(latency.rounds.value), Int(staircase.pixels.value), Int(staircase.inputChannels.value),
        Int(staircase.batch.value),
      ]
    guard counts.allSatisfy({ $0 > 0 }), !latency.batches.isEmpty, !latency.threads.isEmpty else {
      throw .invalidFile(path: url.path, detail: "a count is not positive or a list is empty; correct it")
    }
  }

  /// A file of the package's resources.
  static func resource(_ name: String, _ suffix: String) throws(PruneError) -> URL {
    guard let url = Bundle.module.url(forResource: name, withExtension: suffix, subdirectory: "Resources") else {
      throw .invalidFile(path: "\(name).\(suffix)", detail: "the package resource is missing; rebuild the package")
    }
    return url
  }
}
