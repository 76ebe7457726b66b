import Foundation

/// What the operating system says about the processor.
struct CPUInfo {
  let name: String
  let features: [String]

  static let current = CPUInfo(text: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

  /// Parses the format of Linux' `/proc/cpuinfo`; anything missing leaves the defaults.
  init(text: String) {
    var name = "unknown"
    var flags: Set<Substring> = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].trimmingCharacters(in: .whitespaces)
      if key == "model name" && name == "unknown" { name = parts[1].trimmingCharacters(in: .whitespaces) }
      if (key == "flags" || key == "Features") && flags.isEmpty { flags = Set(parts[1].split(separator: " ")) }
    }
    self.name = name
    let known: [(String, [Substring])] = [
      ("avx2", ["avx2"]), ("fma", ["fma", "asimd"]), ("f16c", ["f16c", "asimd"]), ("avx512f", ["avx512f"]),
      ("vnni", ["avx512_vnni", "avx_vnni"]), ("bf16", ["avx512_bf16"]),
    ]
    features = known.filter { $0.1.contains { flags.contains($0) } }.map(\.0)
  }
}
