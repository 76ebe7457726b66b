import Foundation

/// The machine a run was made on, and how the program was built.
public struct HostDescription: Sendable, Codable, Hashable {
  /// Processor model, such as `AMD EPYC 7B13`.
  public let processor: String
  /// Logical cores the system offers to this process.
  public let cores: Int
  /// SIMD extensions the processor offers, such as `AVX2`, `FMA`, `AVX-512F`, `NEON`.
  public let simd: [String]
  /// Operating system.
  public let system: String
  /// Swift version of the compiler.
  public let swift: String
  /// `release` or `debug`.
  public let build: String

  /// A description.
  public init(processor: String, cores: Int, simd: [String], system: String, swift: String, build: String) {
    self.processor = processor
    self.cores = cores
    self.simd = simd
    self.system = system
    self.swift = swift
    self.build = build
  }

  /// The machine this process runs on. What cannot be found out is `unknown`.
  public static let current = HostDescription(
    processor: processorName(), cores: ProcessInfo.processInfo.activeProcessorCount, simd: simdExtensions(),
    system: systemName(), swift: compilerVersion, build: buildConfiguration)

  private static func processorName() -> String {
    #if os(Linux)
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      return CPUInfo(text).modelName ?? "unknown"
    #else
      return systemControl("machdep.cpu.brand_string") ?? "unknown"
    #endif
  }

  private static func simdExtensions() -> [String] {
    #if arch(arm64)
      return ["NEON"]
    #elseif os(Linux)
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      return CPUInfo(text).simdExtensions
    #else
      return []
    #endif
  }

  private static func systemName() -> String {
    #if os(Linux)
      let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
      for line in release.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
        return line.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: CharacterSet(charactersIn: "\""))
      }
    #endif
    return ProcessInfo.processInfo.operatingSystemVersionString
  }

  #if !os(Linux)
    private static func systemControl(_ name: String) -> String? {
      var size = 0
      guard sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  #endif

  private static var compilerVersion: String {
    #if compiler(>=6.5)
      return "6.5 or later"
    #elseif compiler(>=6.4)
      return "6.4"
    #elseif compiler(>=6.3)
      return "6.3"
    #elseif compiler(>=6.2)
      return "6.2"
    #else
      return "6.1"
    #endif
  }

  private static var buildConfiguration: String {
    #if DEBUG
      return "debug"
    #else
      return "release"
    #endif
  }
}
